"""Programs that open a launch link before its merchant does: previews of chat apps, and browsers that fetch ahead."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import HttpHeaders
from django.shortcuts import render
from django.views.decorators.cache import never_cache

PREVIEWERS: dict[str, str] = {
    "facebookexternalhit": "Facebook, Messenger, Instagram; also LINE, KakaoTalk, iMessage",
    "facebot": "Facebook",
    "meta-externalfetcher": "Meta's products, for a person",
    "line-poker": "LINE",
    "kakaotalk-scrap": "KakaoTalk",
    "telegrambot": "Telegram",
    "slackbot": "Slack",
    "slack-imgproxy": "Slack",
    "linkedinbot": "LinkedIn",
    "skypeuripreview": "Microsoft Teams, Skype",
    "bingpreview": "Microsoft's previews",
    "discordbot": "Discord",
    "twitterbot": "X",
    "snap url preview service": "Snapchat",
}
"""What stands somewhere in the `User-Agent` of a program that makes previews, in small letters, and whose it is.

Sources: Meta, developers.facebook.com/docs/sharing/webmasters/web-crawlers (facebookexternalhit, meta-externalfetcher);
Slack, api.slack.com/robots (Slackbot, Slackbot-LinkExpanding, Slack-ImgProxy); KakaoTalk,
devtalk.kakao.com/t/scrap/33984; LinkedIn, X, Discord and Snapchat name themselves with the address of a page of theirs;
Microsoft, "Overview of Bing crawlers" (BingPreview). Without a page of their vendor's, as seen and collected in
github.com/monperrus/crawler-user-agents: Telegram, "TelegramBot (like TwitterBot)"; Teams, "… SkypeUriPreview
Preview/0.5 skype-url-preview@microsoft.com"; LINE, "facebookexternalhit/1.1;line-poker/1.0"; iMessage,
"… Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0".

No name of an app alone is among them: the browsers inside apps name their app, and people sit in front of them
("[FBAN/FBIOS;FBAV/…]", "Instagram 300.0…", "Line/13.1.0", "Telegram-Android/10.5", "Slack_SSB/4.0", "LinkedInApp").
"""

PREVIEWERS_AT_THE_BEGINNING: dict[str, str] = {"whatsapp/": "WhatsApp, and Signal, which calls itself so, too"}
"""What the `User-Agent` of such a program begins with ("WhatsApp/2.23.20.0 A"); a browser's begins with "Mozilla/".

Source: github.com/monperrus/crawler-user-agents; for Signal, whose app fetches by itself, the sources of its apps.
"""

FETCHES_AHEAD: dict[str, tuple[str, ...]] = {
    "Sec-Purpose": ("prefetch",),
    "Purpose": ("prefetch", "preview"),
    "X-Purpose": ("prefetch", "preview"),
    "X-Moz": ("prefetch",),
}
"""What browsers say of a request that nobody may ever look at, as the first word of a header.

Sources: developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose (Chrome adds ";prerender" and the like);
its table of browsers names those before it, `Purpose` (Chrome) and `X-Moz` (Firefox); `X-Purpose: preview` is Safari's,
of the pictures of pages that are visited often.
"""


def is_previewer(user_agent: str) -> bool:
    """Whether a program with this `User-Agent` makes the preview of a link; what is unknown counts as a person."""
    told = user_agent.lower()
    return told.startswith(tuple(PREVIEWERS_AT_THE_BEGINNING)) or any(each in told for each in PREVIEWERS)


def is_fetched_ahead(headers: HttpHeaders) -> bool:
    """Whether a browser asks before anybody has clicked."""
    return any(headers.get(name, "").partition(";")[0].strip().lower() in FETCHES_AHEAD[name] for name in FETCHES_AHEAD)


def for_people(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open the page to people alone; programs that only look get a page about nobody, whatever the address.

    They read nothing from the database, count nowhere and get no cookie. What a browser fetches ahead is refused: it
    would show that page in the place of the real one once somebody clicks, and uses no answer that is an error
    (html.spec.whatwg.org/multipage/speculative-loading.html).
    """

    @wraps(view)
    def opening(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            if is_fetched_ahead(request.headers):
                return _preview(request, status=503)
            if is_previewer(request.headers.get("User-Agent", "")):
                return _preview(request)
        return view(request, *arguments, **named)

    return opening


@never_cache
def _preview(request: HttpRequest, status: int = 200) -> HttpResponse:
    return render(request, "onboarding/preview.html", status=status)
