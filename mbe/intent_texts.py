"""Verticals and intents in people's words (mbe-v3, sections 8 and 9; the Chinese is the specification's own)."""

from mbe.text import Text

VERTICAL_LABELS: dict[str, Text] = {
    "APPOINTMENTS": Text("Appointments", "預約"),
    "ECOMMERCE": Text("E-commerce", "電子商務"),
    "RESERVATIONS": Text("Reservations", "預訂"),
    "FOOD_AND_DRINK": Text("Food and drink", "飲食"),
    "CREATIVE": Text("Creative", "廣告創意"),
    "ADS_TARGETING": Text("Ads targeting", "廣告目標設定"),
    "LEAD_ADS": Text("Lead ads", "名單型廣告"),
    "MEASUREMENT_AND_OPTIMIZATION": Text("Measurement and optimization", "成效衡量和優化"),
    "MESSAGING": Text("Messaging", "收發訊息"),
    "DATA_INTEGRATION": Text("Data integration", "資料整合"),
}

VERTICAL_USE_CASES: dict[str, Text] = {
    "APPOINTMENTS": Text("My app lets businesses book services with ease.", "我的應用程式能讓企業輕鬆預訂服務。"),
    "ECOMMERCE": Text(
        "My app helps commerce businesses sell more and makes ordering online simpler.",
        "我的應用程式能幫助商務企業提升銷售業績,並簡化網上下單流程。",
    ),
    "RESERVATIONS": Text("My app lets businesses take reservations with ease.", "我的應用程式能讓企業輕鬆預訂服務。"),
    "FOOD_AND_DRINK": Text(
        "My app helps restaurants make ordering online simpler.", "我的應用程式能幫助餐廳簡化網上下單流程。"
    ),
    "CREATIVE": Text(
        "My app lets businesses make striking content without a professional designer.",
        "我的應用程式能讓企業不必尋求專業平面設計師的幫助,都可創作引人注目的內容。",
    ),
    "ADS_TARGETING": Text(
        "My app lets businesses advertise to the right customers.", "我的應用程式能讓企業向合適的顧客刊登廣告。"
    ),
    "LEAD_ADS": Text(
        "My app helps businesses collect, track and nurture leads.", "我的應用程式能幫助企業蒐集、追蹤和培養潛在顧客。"
    ),
    "MEASUREMENT_AND_OPTIMIZATION": Text(
        "My app lets businesses make better marketing decisions from detailed ad insights.",
        "我的應用程式能讓企業根據詳細的廣告洞察報告改善營銷決策。",
    ),
    "MESSAGING": Text(
        "My app lets businesses manage communication with customers at scale.",
        "我的應用程式支援企業大規模管理與顧客的通訊。",
    ),
    "DATA_INTEGRATION": Text(
        "My app lets businesses understand their customers, attract them and find more of them. "
        "My app lets businesses build and manage custom audiences for Meta ads.",
        "我的應用程式能讓企業輕鬆了解他們的顧客,並能幫助他們吸引顧客和擴大客群。"
        "我的應用程式能讓企業輕鬆建立和管理用於 Meta 廣告的自訂廣告受眾。",
    ),
}

_ADS_DESCRIPTION = Text(
    "Use marketing features to engage fans, build audiences and sell more.",
    "使用營銷功能來幫助吸引粉絲互動、建立廣告受眾,以及推谷銷售業績。",
)
_TAG_DESCRIPTION = Text(
    "Help people find your shop by tagging your products in Instagram posts and stories.",
    "透過在 Instagram 帖子和限時動態中標註您的商品,幫助用戶找到您的商店。",
)

# (use case, description) of the intents that are worded alike in every vertical
INTENT_TEXTS: dict[str, tuple[Text, Text]] = {
    "ADS": (Text("I want to run ads with this app.", "我想使用此應用程式刊登廣告。"), _ADS_DESCRIPTION),
    "CATALOG_ADS": (
        Text("I want to run catalog ads with this app.", "我想使用此應用程式刊登目錄廣告。"),
        Text("Sync and promote the products or services in your catalog.", "同步並推廣您的目錄商品或服務。"),
    ),
    "CONVERSIONS_API": (
        Text(
            "I want to see how my ads perform and optimize them for conversions.",
            "我想了解廣告成效並就轉換次數優化廣告。",
        ),
        Text(
            "Improve ad targeting, lower the cost per action and measure results.",
            "優化廣告目標設定、降低每次動作成本,以及衡量成效。",
        ),
    ),
    "COLLABORATIVE_ADS": (
        Text("I want to run ads with this app. (Collaborative ads)", "我想使用此應用程式刊登廣告。(協作廣告)"),
        _ADS_DESCRIPTION,
    ),
    "CREATIVE": (
        Text(
            "I want this app to share pictures and videos with my media library, for better posts on Facebook and "
            "Instagram.",
            "我想讓這款應用程式與我的影音資料庫分享圖片和影片,以改善我在 Facebook 和 Instagram 發佈的帖子。",
        ),
        Text(
            "Engage fans with ad creative, and build an audience from them.",
            "使用廣告創意功能吸引粉絲互動,以此建立廣告受眾。",
        ),
    ),
    "CREATIVE_WITH_ASSETS": (
        Text(
            "I want to make pictures or videos with the products of my catalog in this app.",
            "我想藉此應用程式,使用目錄中的商品製作圖片或影片。",
        ),
        Text("Promote products or services by syncing your catalog.", "透過同步目錄來推廣商品或服務。"),
    ),
    "MESSENGER_CHAT": (
        Text(
            "I want the Messenger chat plugin on my website, so that customers can write to me directly.",
            "我想在自家網站中加入 Messenger 洽談附加程式,以便顧客直接向我傳送訊息。",
        ),
        Text("Reach customers more actively and effectively.", "以更積極有效的方式與顧客聯繫。"),
    ),
    "CHECKBOX_PLUGIN": (
        Text("Send appointment updates through Facebook Messenger", "透過 Facebook Messenger 傳送預約更新"),
        Text(
            "Add a checkbox to your website with which customers choose to get appointment updates from your Page",
            "在網站中加入選框,讓顧客可以用來選擇接收您的企業專頁傳送的預約更新",
        ),
    ),
    "CHECKBOX_PLUGIN_MARKETING": (
        Text(
            "I want to build a list of marketing contacts linked with order data, to reach them through Facebook "
            "Messenger",
            "我想建立與訂單資料相關的營銷聯絡人清單,以便我透過 Facebook Messenger 與對方聯絡",
        ),
        Text(
            "Add a checkbox to your website with which customers choose to get marketing messages from your Page. "
            "Sync order data for better marketing results.",
            "在網站中加入選框,讓顧客可以用來選擇接收您的企業專頁傳送的營銷訊息。同步訂單資料,讓您的營銷效果更佳顯著。",
        ),
    ),
    "AR_COMMERCE": (
        Text(
            "I want this app to upload media to my media library.",
            "我想啟用此應用程式,以向我的影音資料庫上載影音素材。",
        ),
        Text(
            "Use augmented reality to engage fans and build audiences.",
            "使用擴增實境功能來吸引粉絲互動和建立廣告受眾。",
        ),
    ),
    "IG_CREATORS_AS_SELLERS": (
        Text(
            "I am a creator and want to sell products on Instagram.", "我是一位創作者,希望能在 Instagram 上銷售商品。"
        ),
        _TAG_DESCRIPTION,
    ),
    "LEAD_ADS": (
        Text(
            "I want this app to reach the leads that my lead ads bring.",
            "我想讓此應用程式存取透過名單型廣告帶來的潛在顧客。",
        ),
        Text(
            "Run lead ads to widen your audience and win new customers.",
            "刊登名單型廣告,為您的企業拓展目標受眾和開發新顧客。",
        ),
    ),
    "CUSTOMER_DATA": (
        Text(
            "I want to understand my customers through Meta, and plan how to win them back and find more of them.",
            "我想借助 Meta 了解顧客,並制定策略來重新吸引顧客和擴大客群。",
        ),
        Text(
            "Engage customers, and connect with people who may like your business.",
            "吸引顧客互動並與可能喜歡您企業的用戶建立聯繫。",
        ),
    ),
    "CUSTOM_AUDIENCE": (
        Text(
            "I want to build and manage custom audiences for Meta ads.",
            "我想建立並管理用於 Meta 廣告的自訂廣告受眾。",
        ),
        Text(
            "Aim ads at groups of your own, at visitors of a platform, or at people like them.",
            "鎖定自訂族群、特定平台訪客或類似群體為目標受眾,以優化廣告目標設定。",
        ),
    ),
}

# Products, services and reserved services: these two intents are worded by vertical
INTENT_TEXTS_BY_VERTICAL: dict[tuple[str, str], tuple[Text, Text]] = {
    ("ECOMMERCE", "FB_SERVICES"): (
        Text("I want to show my products on Facebook.", "我想在 Facebook 上展示我的商品。"),
        Text("Offer products right on Facebook to reach new customers.", "直接在 Facebook 上提供商品,以接觸新顧客。"),
    ),
    ("ECOMMERCE", "IG_SERVICES"): (
        Text("I want to show my products on Instagram.", "我想在 Instagram 上展示我的商品。"),
        _TAG_DESCRIPTION,
    ),
    ("APPOINTMENTS", "FB_SERVICES"): (
        Text("I want to show my services on Facebook.", "我想在 Facebook 上展示我的服務。"),
        Text(
            "Offer services right on Facebook, and so reach new customers.",
            "直接在 Facebook 上提供服務,以此接觸新顧客。",
        ),
    ),
    ("APPOINTMENTS", "IG_SERVICES"): (
        Text("I want to show my services on Instagram.", "我想在 Instagram 上展示我的服務。"),
        Text("Offer services right on Instagram to reach new customers.", "直接在 Instagram 上提供服務,以接觸新顧客。"),
    ),
    ("RESERVATIONS", "FB_SERVICES"): (
        Text("I want to show services to reserve on Facebook.", "我想在 Facebook 上展示預定服務。"),
        Text(
            "Offer reservations right on Facebook to reach new customers.",
            "直接在 Facebook 上提供預訂服務,以接觸新顧客。",
        ),
    ),
    ("RESERVATIONS", "IG_SERVICES"): (
        Text("I want to show my services to reserve on Instagram.", "我想在 Instagram 上展示我的預定服務。"),
        Text(
            "Offer reservations right on Instagram to reach new customers.",
            "直接在 Instagram 上提供預定服務,以接觸新顧客。",
        ),
    ),
}
