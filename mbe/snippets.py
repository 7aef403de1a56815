"""What a merchant's website needs to make a feature work, as HTML to copy (meta-api, 9)."""

import re
from datetime import date
from html import escape

from mbe.text import Text

CHAT_PLUGIN_ENDED = date(2024, 5, 9)
CHAT_PLUGIN_NOTICE = Text(
    "Meta ended the chat plugin on 2024-05-09: the snippet shows nothing any more. Use the m.me link.",
    "Meta 已於 2024-05-09 終止聊天外掛程式,這段程式碼不再顯示任何內容。請改用 m.me 連結。",
)
CHECKBOX_PLUGIN_NOTICE = Text(
    "Meta's current documentation no longer lists the checkbox plugin: it has probably been retired.",
    "Meta 目前的文件已不再列出選框附加程式:它很可能已經停用。",
)

_SDK_VERSION = "v25.0"
_ID = re.compile(r"[0-9]{1,32}")
_ORIGIN = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII)

_CHAT_PLUGIN = """\
<div id="fb-root"></div>
<div class="fb-customerchat" attribution="biz_inbox" page_id="%(page_id)s"></div>
<script>
  window.fbAsyncInit = function () {
    FB.init({xfbml: true, version: "%(version)s"});
  };
</script>
<script async defer crossorigin="anonymous"
        src="https://connect.facebook.net/en_US/sdk/xfbml.customerchat.js"></script>
"""

_PIXEL = """\
<script>
  (function (window, document) {
    if (window.fbq) return;
    var fbq = window.fbq = function () {
      fbq.callMethod ? fbq.callMethod.apply(fbq, arguments) : fbq.queue.push(arguments);
    };
    window._fbq = window._fbq || fbq;
    fbq.push = fbq;
    fbq.loaded = true;
    fbq.version = "2.0";
    fbq.queue = [];
    var script = document.createElement("script");
    script.async = true;
    script.src = "https://connect.facebook.net/en_US/fbevents.js";
    document.head.appendChild(script);
  })(window, document);
  fbq("init", "%(pixel_id)s");
  fbq("track", "PageView");
</script>
<noscript>
  <img height="1" width="1" style="display:none" alt=""
       src="https://www.facebook.com/tr?id=%(pixel_id)s&amp;ev=PageView&amp;noscript=1">
</noscript>
"""

_CHECKBOX_PLUGIN = """\
<div class="fb-messenger-checkbox" origin="%(origin)s" page_id="%(page_id)s" messenger_app_id="%(app_id)s"
     user_ref="" allow_login="true" size="large" prechecked="false"></div>
<script>
  (function () {
    var checkbox = document.querySelector(".fb-messenger-checkbox");
    var form = checkbox.closest("form");
    var userRef = crypto.randomUUID();
    checkbox.setAttribute("user_ref", userRef);
    window.fbAsyncInit = function () {
      FB.init({appId: "%(app_id)s", xfbml: true, version: "%(version)s"});
    };
    if (form) form.addEventListener("submit", function () {
      FB.AppEvents.logEvent("MessengerCheckboxUserConfirmation", null, {
        app_id: "%(app_id)s", page_id: "%(page_id)s", ref: "", user_ref: userRef
      });
    });
  })();
</script>
<script async defer crossorigin="anonymous" src="https://connect.facebook.net/en_US/sdk.js"></script>
"""


def messenger_link(page_id: str) -> str:
    """Give the address at which people write to a Page in Messenger. Raises ValueError for what is no id."""
    return f"https://m.me/{_checked(page_id)}"


def chat_plugin(page_id: str) -> str:
    """Give the chat plugin for a Page, which ended on ``CHAT_PLUGIN_ENDED``. Raises ValueError for what is no id."""
    return _CHAT_PLUGIN % {"page_id": _checked(page_id), "version": _SDK_VERSION}


def pixel_base_code(pixel_id: str) -> str:
    """Give the code that every page has in its head to fire the pixel. Raises ValueError for what is no id."""
    return _PIXEL % {"pixel_id": _checked(pixel_id)}


def checkbox_plugin(page_id: str, app_id: str, origin: str) -> str:
    """Give the checkbox for a form, and the script that confirms it when the form is sent.

    ``origin`` is the website's, like ``https://shop.example``. Raises ValueError for it, or an id, that is none.
    """
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("This is no https origin")
    values = {"page_id": _checked(page_id), "app_id": _checked(app_id), "origin": escape(origin)}
    return _CHECKBOX_PLUGIN % {**values, "version": _SDK_VERSION}


def _checked(object_id: str) -> str:
    if not _ID.fullmatch(object_id):
        raise ValueError("This cannot be an id of Meta's")
    return object_id
