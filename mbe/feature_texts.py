"""What each feature is called and is, in people's words (mbe-v3, section 7; the Chinese is the specification's own)."""

from mbe.text import Text

FEATURE_LABELS: dict[str, Text] = {
    "page_cta": Text("Facebook Page call to action", "Facebook 專頁呼籲字句"),
    "ig_cta": Text("Instagram call to action", "Instagram 呼籲字句"),
    "messenger_menu": Text("Messenger call to action", "Messenger 呼籲字句"),
    "thread_intent": Text("Open slots in Messenger threads", "Messenger 傳送開放預約時段對話串意向"),
    "page_card": Text("Page card", "專頁資訊卡"),
    "messenger_chat": Text("Messenger chat", "Messenger 聊天室"),
    "collaborate_ads": Text("Collaborative ads", "協作廣告"),
    "ar_commerce": Text("AR commerce", "AR 商務"),
    "creative": Text("Ad creative", "廣告創意"),
    "ig_creators_as_sellers": Text("Instagram creators as sellers", "Instagram 創作者兼賣家"),
    "pixel": Text("Conversions API / pixel", "轉換 API/像素"),
    "catalog": Text("Catalog", "目錄"),
    "ads": Text("Ads", "廣告"),
    "fb_shop": Text("Facebook shop", "Facebook 商店"),
    "ig_shopping": Text("Instagram shop", "Instagram 商店"),
    "custom_audience": Text("Custom audience", "自訂廣告受眾"),
    "messaging": Text("Messaging", "收發訊息"),
    "lead_ads": Text("Lead ads", "名單型廣告"),
    "customer_data": Text("Customer data", "顧客資料"),
    "checkbox_plugin": Text("Checkbox plugin", "選框附加程式"),
    "checkbox_plugin_marketing": Text("Checkbox plugin for marketing", "選框附加程式營銷"),
}

FEATURE_DESCRIPTIONS: dict[str, Text] = {
    "page_cta": Text(
        "A call-to-action button on the business's Facebook Page.",
        "企業 Facebook 專頁上的 CTA 按鈕。",
    ),
    "ig_cta": Text(
        "A call-to-action button on the business's Instagram profile.",
        "企業 Instagram 檔案上的 CTA 按鈕。",
    ),
    "messenger_menu": Text(
        "A call-to-action button in Messenger, shown to people who write to the business.",
        "用戶向企業傳送訊息時,Messenger 中的 CTA 按鈕。",
    ),
    "thread_intent": Text(
        "A suggestion in Messenger that lets the business's admins send their open appointment slots in a chat.",
        "為商業帳戶管理員而設的 Messenger 建議,方便他們在聊天室中輕鬆地向用戶傳送其開放預約時段資料。",
    ),
    "page_card": Text(
        "A card on the business's Facebook Page that lists its featured services.",
        "在企業 Facebook 專頁上啟用資訊卡,列出企業的精選服務。",
    ),
    "messenger_chat": Text(
        "Messenger inside your website: customers reach your business at any time, with the same personal, rich "
        "experience as in Messenger.",
        "支援將 Messenger 直接整合至您的網站。此功能讓您的顧客可隨時與您的企業互動,"
        "同時獲得在 Messenger 所享有的相同個人化多媒體體驗。",
    ),
    "collaborate_ads": Text(
        "Brands work safely with retailers or marketing partners towards their advertising goals, for example by "
        "selling selected products with the retailer's content.",
        "確保品牌廣告客戶與零售商或營銷合作夥伴安全展開協作並實現廣告目標,例如使用零售商提供的內容銷售目標商品。",
    ),
    "ar_commerce": Text(
        "Upload augmented-reality assets to a brand's catalog.",
        "允許用戶將 AR 資產上載至品牌目錄。",
    ),
    "creative": Text(
        "Make ad creative on the partner's platform and share it back to your Business Manager.",
        "允許用戶在合作夥伴平台上建立廣告創意素材,並將其分享回自己的企業管理平台。",
    ),
    "ig_creators_as_sellers": Text(
        "Creators join the program, connect an off-site shop, import its products and set up a shop.",
        "透過引導用戶加入此計劃、允許用戶連結至站外商店、匯入商品並且建立商店,支援「創作者兼賣家」工作流程。",
    ),
    "pixel": Text(
        "The pixel is a piece of JavaScript that records what visitors do on your website (events, such as "
        "conversions). The Conversions API links marketing data straight from your server with Meta's systems, to "
        "improve ad targeting, lower the cost per action and measure results.",
        "此為 JavaScript 程式碼片段,可讓您追蹤網站上的訪客動態。它的運作原理是載入一個小型函數庫,"
        "讓您在網站訪客採取動作(即事件)時作追蹤之用(即轉換)。"
        "連結廣告客戶的營銷資料和 Facebook 的各個系統,而這些系統則可助您優化廣告目標設定、降低每次動作成本,"
        "並衡量廣告成效。如果是直接整合,則必須在廣告客戶的伺服器與 Facebook 之間建立連結。",
    ),
    "catalog": Text(
        "A container of product data that is uploaded and kept in sync with your inventory.",
        "商品資訊物件(或容器),能讓用戶上載並同步庫存。",
    ),
    "ads": Text(
        "Create Facebook ads and see how they perform.",
        "允許您建立 Facebook 廣告及查看廣告洞察報告。",
    ),
    "fb_shop": Text(
        "Set up a Facebook shop easily, on the site or off it.",
        "能讓企業輕鬆設定 Facebook 商店。可供設定站內和站外商店之用。",
    ),
    "ig_shopping": Text(
        "Set up an Instagram shop easily, on the site or off it.",
        "能讓企業輕鬆設定 Instagram 商店。可供設定站內和站外商店之用。",
    ),
    "custom_audience": Text(
        "Aim ads at groups of your own, at visitors of your website or app, or at people like them.",
        "允許企業指定自訂族群、網站訪客、流動應用程式訪客或類似群體為目標受眾,以優化廣告目標設定。",
    ),
    "messaging": Text(
        "Hold and manage conversations with customers on Facebook and Instagram, at scale.",
        "能讓企業輕鬆在 Facebook 和 Instagram 大規模設立和管理與顧客的對話。",
    ),
    "lead_ads": Text(
        "Run lead ads on Facebook.",
        "能讓企業在 Facebook 刊登名單型廣告。",
    ),
    "customer_data": Text(
        "Know your customers better, and plan how to win them back and find more of them.",
        "借助 Facebook 了解您的顧客,並制定策略來重新吸引顧客和擴大客群。",
    ),
    "checkbox_plugin": Text(
        "A checkbox in the forms of your website with which people agree to messages from your bot in Messenger.",
        "允許您在網站表格上顯示選框,方便用戶選擇在 Messenger 接收您 BOT 傳來的訊息。",
    ),
    "checkbox_plugin_marketing": Text(
        "A checkbox in the forms of your website with which people agree to marketing messages from your bot in "
        "Messenger.",
        "允許您在網站表格上顯示選框,方便用戶選擇在 Messenger 接收您 BOT 傳來的營銷訊息。",
    ),
}
