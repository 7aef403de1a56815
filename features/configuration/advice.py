"""What staff should know about settings before Meta gets them; none of it stops anybody. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mbe.customizing import SETTINGS, Setting
from mbe.snippets import CHAT_PLUGIN_ENDED

# Meta publishes no limits (meta-api §1.9); these lengths fit on its buttons and below them.
LONGEST_ON_A_BUTTON = 20
LONGEST_ELSEWHERE = 30
ON_A_BUTTON = "cta_button_text"


def advice(feature_type: str, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Warnings about flat values (`enabled` among them), by the setting's name; a setting without any is left out."""
    settings = SETTINGS.get(feature_type, ())
    found = {each.name: list(_warnings(each, values)) for each in settings}
    return {name: warnings for name, warnings in found.items() if warnings}


def _warnings(setting: Setting, values: Mapping[str, Any]) -> Iterator[str]:
    value = values.get(setting.name)
    if not value:
        if values.get("enabled") and setting.name.startswith("cta_"):
            yield _("Nothing is published about a button without it: Meta may refuse to switch it on.")
        return
    longest = LONGEST_ON_A_BUTTON if setting.name == ON_A_BUTTON else LONGEST_ELSEWHERE
    if setting.kind == "text" and len(value) > longest:
        texts = {"count": len(value), "longest": longest}
        yield _("%(count)d characters: Meta publishes no limit; beyond %(longest)d a text may be cut.") % texts
    if setting.kind == "origins" and values.get("enabled"):
        ended = date_format(CHAT_PLUGIN_ENDED)
        yield _("Meta ended the chat plugin for websites on %(date)s; these addresses may have no effect.") % {
            "date": ended
        }
