"""The translations are complete, and say the same things."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message

from tests.messages import template_catalog, translations

CATALOGS = translations()
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{[\w%()]*\}|<[^>]+>")
every_language = pytest.mark.parametrize("catalog", CATALOGS.values(), ids=[path.parts[-3] for path in CATALOGS])


def _texts(message: Message) -> tuple[list[str], list[str]]:
    """A message's source and translated forms."""
    source = [message.id] if isinstance(message.id, str) else list(message.id)
    translated = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return source, translated


def _pairs(catalog: Catalog) -> Iterator[tuple[list[str], list[str]]]:
    return (_texts(message) for message in catalog if message.id)


def test_there_is_traditional_chinese() -> None:
    assert "zh_Hant" in {path.parts[-3] for path in CATALOGS}


def test_the_texts_are_found_in_code_and_templates() -> None:
    ids = {message.id for message in template_catalog()}
    assert {"Please connect again", "What you can turn on", "There is no such page"} <= ids


@every_language
def test_every_text_is_translated(catalog: Catalog) -> None:
    missing = [
        message.id
        for message in template_catalog()
        if message.id and not ((found := catalog.get(message.id, message.context)) and all(_texts(found)[1]))
    ]
    assert missing == []


@every_language
def test_no_translation_is_left_over_or_doubtful(catalog: Catalog) -> None:
    template = template_catalog()
    assert [message.id for message in catalog if message.id and template.get(message.id, message.context) is None] == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


@every_language
def test_translations_keep_placeholders_and_markup(catalog: Catalog) -> None:
    for source, translated in _pairs(catalog):
        for form in translated:
            assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(source[-1])), source
