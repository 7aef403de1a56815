"""Translations are compiled when they are newer, and only then."""

import gettext
import os
from pathlib import Path

from config.translations import compile_translations

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Yes"\nmsgstr "好"\n'


def test_a_translation_is_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hant" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO, encoding="utf-8")
    compile_translations(tmp_path)
    with (folder / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Yes") == "好"
    os.utime(folder / "django.mo", (2e9, 2e9))
    compile_translations(tmp_path)
    assert (folder / "django.mo").stat().st_mtime == 2e9
    os.utime(folder / "django.po", (2e9 + 1, 2e9 + 1))
    compile_translations(tmp_path)
    assert (folder / "django.mo").stat().st_mtime != 2e9
