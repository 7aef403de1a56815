"""A launch link in a chat: its preview opens nothing, and the browsers inside apps are people's."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onboarding.models import LaunchLink, OnboardingAttempt, Showing
from onboarding.previewing import PREVIEWERS, is_previewer
from partners.models import MetaApp
from tests.factories import EntryPointFactory
from tests.onboarding.merchant import Merchant

_PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0"
)
_DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_MESSAGES = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1"

LOOKING = {
    "WhatsApp": "WhatsApp/2.23.20.0 A",
    "WhatsApp on a desktop": "WhatsApp/2.2403.5 W",
    "Signal": "WhatsApp/2",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Meta": "meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "iMessage": f"{_MESSAGES} Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "LINE": "facebookexternalhit/1.1;line-poker/1.0",
    "KakaoTalk": "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
    "Telegram": "TelegramBot (like TwitterBot)",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack's pictures": "Slack-ImgProxy (+https://api.slack.com/robots)",
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Bing": f"{_DESKTOP} Chrome/103.0 Safari/537.36 BingPreview/1.0b",
    "Discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "X": "Twitterbot/1.0",
    "Snapchat": f"{_DESKTOP} Chrome/103.0 (Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots)",
}
PEOPLE = {
    "Safari": f"{_PHONE} Version/17.5 Mobile/15E148 Safari/604.1",
    "Chrome": f"{_DESKTOP} Chrome/126.0.0.0 Safari/537.36",
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "in Facebook on iOS": f"{_PHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/470.0.0.41.104;FBBV/617182049;FBDV/iPhone15,2]",
    "in Messenger on iOS": f"{_PHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/464.0.0.28.105;FBDV/iPhone15,2]",
    "in Facebook on Android": f"{_ANDROID} Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.0.0.41.104;]",
    "in Instagram": f"{_PHONE} Mobile/15E148 Instagram 334.0.4.32.98 (iPhone15,2; iOS 17_5_1; en_HK; scale=3.00)",
    "in LINE": f"{_PHONE} Mobile/15E148 Safari/604.1 Line/13.1.0",
    "in WhatsApp": f"{_ANDROID} Mobile Safari/537.36 WhatsApp/2.24.13.77",
    "in Telegram": f"{_ANDROID} Mobile Safari/537.36 Telegram-Android/10.14.5 (Google Pixel 8; Android 14)",
    "in Slack": f"{_DESKTOP} Chrome/126.0 Electron/31.0 Safari/537.36 Slack_SSB/4.39.88",
    "in Teams": f"{_DESKTOP} Chrome/126.0 Safari/537.36 Edg/126.0 Teams/24152.412",
    "in LinkedIn": f"{_PHONE} Mobile/15E148 [LinkedInApp]/9.29.6483",
    "in Discord": f"{_DESKTOP} discord/1.0.9152 Chrome/124.0 Electron/30.1 Safari/537.36",
    "in WeChat": f"{_PHONE} Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_HK",
    "in X": f"{_PHONE} Mobile/15E148 Twitter for iPhone/10.48",
    "in KakaoTalk": f"{_PHONE} Mobile/15E148 KAKAOTALK/24.6.1 (INAPP)",
    "nobody": "",
}
AHEAD = [
    ("Sec-Purpose", "prefetch"),
    ("Sec-Purpose", "prefetch;prerender"),
    ("Sec-Purpose", "prefetch;anonymous-client-ip"),
    ("Purpose", "prefetch"),
    ("X-Purpose", "preview"),
    ("X-Moz", "prefetch"),
]


@pytest.fixture
def button(app: MetaApp) -> None:
    """A button of the page."""
    EntryPointFactory.create(meta_app=app, slug="book")


def is_counted(merchant: Merchant) -> bool:
    """Whether the link was opened and its button shown; both are, or neither."""
    was_used = LaunchLink.objects.filter(pk=merchant.link.pk, last_used_at=None).count() == 0
    assert Showing.objects.exists() == was_used
    return was_used


def tells_of_nobody(merchant: Merchant, answer: Any) -> bool:
    """Whether the page holds nothing about the business or its link, and leaves nothing in the browser."""
    text = answer.content.decode()
    secrets = (merchant.token, "Lotus Salon", merchant.link.business.external_business_id, "Bookly", "data-entry-point")
    return not any(each in text for each in secrets) and not merchant.client.cookies


def test_a_row_of_the_table_has_its_example() -> None:
    assert all(any(name in each.lower() for each in LOOKING.values()) for name in PREVIEWERS)


@pytest.mark.parametrize("agent", LOOKING.values(), ids=LOOKING.keys())
@pytest.mark.usefixtures("button")
def test_the_preview_in_a_chat_opens_nothing_and_has_a_title(merchant: Merchant, agent: str) -> None:
    answer = merchant.open(**{"User-Agent": agent})
    text = answer.content.decode()
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert "<title>Connect your business to Meta</title>" in text
    assert '<meta property="og:title" content="Connect your business to Meta">' in text
    assert tells_of_nobody(merchant, answer)
    assert not is_counted(merchant)
    assert merchant.open(**{"User-Agent": PEOPLE["Safari"]}).status_code == 200 and is_counted(merchant)


@pytest.mark.parametrize("agent", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.usefixtures("button")
def test_people_see_the_page_in_every_browser_also_inside_an_app(merchant: Merchant, agent: str) -> None:
    answer = merchant.open(**{"User-Agent": agent})
    assert "Lotus Salon" in answer.content.decode() and 'data-entry-point="book"' in answer.content.decode()
    assert is_counted(merchant) and merchant.client.cookies["launch_link"].value == merchant.token
    assert not is_previewer(agent)


@pytest.mark.parametrize(("header", "value"), AHEAD)
@pytest.mark.usefixtures("button")
def test_what_a_browser_fetches_ahead_is_refused_so_that_a_click_asks_again(
    merchant: Merchant, header: str, value: str
) -> None:
    answer = merchant.open(**{header: value, "User-Agent": PEOPLE["Chrome"]})
    assert answer.status_code == 503 and "no-store" in answer["Cache-Control"]
    assert tells_of_nobody(merchant, answer)
    assert not is_counted(merchant)
    assert "Lotus Salon" in merchant.open(**{"User-Agent": PEOPLE["Chrome"]}).content.decode()
    assert is_counted(merchant)


@pytest.mark.parametrize("purpose", ["", "fetch", "not-prefetch", "Prefetched"])
@pytest.mark.usefixtures("button")
def test_another_purpose_is_none(merchant: Merchant, purpose: str) -> None:
    assert merchant.open(**{"Sec-Purpose": purpose}).status_code == 200
    assert is_counted(merchant)


@pytest.mark.usefixtures("button")
def test_a_head_counts_nothing_and_leaves_no_cookie(merchant: Merchant) -> None:
    address = reverse("connect", args=[merchant.token])
    for agent in (PEOPLE["Safari"], LOOKING["Teams"]):
        answer = merchant.client.head(address, headers={"User-Agent": agent})
        assert answer.status_code == 200 and not answer.content
        assert not {"launch_link", "browser"} & set(merchant.client.cookies)
    assert not is_counted(merchant)


@pytest.mark.usefixtures("button")
def test_a_press_is_a_press_whoever_the_browser_says_it_is(merchant: Merchant) -> None:
    start = reverse("start", args=[merchant.token, "book"])
    merchant.client.post(start, headers={"User-Agent": LOOKING["WhatsApp"]})
    assert OnboardingAttempt.objects.count() == 1


@pytest.mark.django_db
def test_a_preview_of_a_link_that_is_none_tells_no_more() -> None:
    answer = Client().get(reverse("connect", args=["x" * 43]), headers={"User-Agent": LOOKING["Telegram"]})
    assert answer.status_code == 200 and "Connect your business to Meta" in answer.content.decode()


@pytest.mark.usefixtures("button")
def test_the_page_of_who_starts_at_meta_is_not_counted_ahead_either(merchant: Merchant, app: MetaApp) -> None:
    merchant.open()
    Showing.objects.all().delete()
    LaunchLink.objects.update(last_used_at=None)
    address = reverse("business-app", args=[app.app_id]) + "?redirect_uri=https://www.facebook.com/x"
    ahead = merchant.client.get(address, headers={"Sec-Purpose": "prefetch"})
    assert ahead.status_code == 503 and "browser" not in merchant.client.cookies and not is_counted(merchant)
    assert merchant.client.get(address).status_code == 200 and is_counted(merchant)
