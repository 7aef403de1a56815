"""The snippets are HTML as a browser reads it, with the ids where Meta looks for them."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from mbe.snippets import (
    CHAT_PLUGIN_ENDED,
    CHAT_PLUGIN_NOTICE,
    CHECKBOX_PLUGIN_NOTICE,
    chat_plugin,
    checkbox_plugin,
    messenger_link,
    pixel_base_code,
)

WITHOUT_END = ("img",)
PAGE, PIXEL, APP = "100000000000004", "100000000000003", "123"
ORIGIN = "https://shop.example"


class Reader(HTMLParser):
    """Reads a snippet, and whether each tag is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), "an attribute twice"
        self.tags.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        else:
            assert not data.strip(), "a snippet shows no text of its own"

    def tag_with(self, class_name: str) -> dict[str, str | None]:
        [attributes] = [attributes for _, attributes in self.tags if attributes.get("class") == class_name]
        return attributes


SNIPPETS: dict[str, Callable[[str], str]] = {
    "link": messenger_link,
    "chat": chat_plugin,
    "pixel": pixel_base_code,
    "checkbox, Page": lambda object_id: checkbox_plugin(object_id, APP, ORIGIN),
    "checkbox, app": lambda object_id: checkbox_plugin(PAGE, object_id, ORIGIN),
}


def read(html: str) -> Reader:
    reader = Reader(html)
    assert reader.open == []
    return reader


def test_people_write_to_a_page_at_its_own_address() -> None:
    assert messenger_link(PAGE) == f"https://m.me/{PAGE}"


def test_the_chat_plugin_names_its_page_in_a_quoted_attribute() -> None:
    html = chat_plugin(PAGE)
    attributes = read(html).tag_with("fb-customerchat")
    assert (attributes["page_id"], attributes["attribution"]) == (PAGE, "biz_inbox")
    assert f'page_id="{PAGE}"' in html
    assert "https://connect.facebook.net/en_US/sdk/xfbml.customerchat.js" in html


def test_the_pixel_fires_with_and_without_scripts() -> None:
    reader = read(pixel_base_code(PIXEL))
    [image] = [attributes for tag, attributes in reader.tags if tag == "img"]
    assert image["src"] == f"https://www.facebook.com/tr?id={PIXEL}&ev=PageView&noscript=1"
    assert reader.tags[[tag for tag, _ in reader.tags].index("img") - 1][0] == "noscript"
    script = "".join(reader.scripts)
    assert f'fbq("init", "{PIXEL}");' in script and 'fbq("track", "PageView");' in script
    assert "https://connect.facebook.net/en_US/fbevents.js" in script


def test_the_checkbox_has_all_that_meta_asks_for_and_is_confirmed_with_the_same_reference() -> None:
    reader = read(checkbox_plugin(PAGE, APP, ORIGIN))
    attributes = reader.tag_with("fb-messenger-checkbox")
    assert attributes == {
        "class": "fb-messenger-checkbox",
        "origin": ORIGIN,
        "page_id": PAGE,
        "messenger_app_id": APP,
        "user_ref": "",
        "allow_login": "true",
        "size": "large",
        "prechecked": "false",
    }
    script = "".join(reader.scripts)
    assert "MessengerCheckboxUserConfirmation" in script
    assert f'app_id: "{APP}", page_id: "{PAGE}"' in script
    assert 'setAttribute("user_ref", userRef)' in script and "user_ref: userRef" in script


@pytest.mark.parametrize("object_id", ["", "12a", '1"><script>alert(1)</script>', "-1", "1\n", "\u0661", "1" * 33])
@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_what_is_no_id_gets_into_no_page(snippet: Callable[[str], str], object_id: str) -> None:
    with pytest.raises(ValueError, match="cannot be an id"):
        snippet(object_id)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "http://shop.example",
        "https://",
        'https://a.example" onload="x',
        "https://a.example/path",
        "https://a.example\n",
    ],
)
def test_what_is_no_origin_gets_into_no_page(origin: str) -> None:
    with pytest.raises(ValueError, match="no https origin"):
        checkbox_plugin(PAGE, APP, origin)


def test_notices_are_dated_and_in_both_languages() -> None:
    for text in (CHAT_PLUGIN_NOTICE.en, CHAT_PLUGIN_NOTICE.zh_hant):
        assert CHAT_PLUGIN_ENDED.isoformat() in text
    assert CHECKBOX_PLUGIN_NOTICE.en.isascii() and not CHECKBOX_PLUGIN_NOTICE.zh_hant.isascii()
