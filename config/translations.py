"""Compiles the translations, without the tools of GNU gettext."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_translations(locale_directory: Path) -> None:
    """Write the `.mo` of each `.po` that is newer than it."""
    for source in locale_directory.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            _compile(source, compiled)


def _compile(source: Path, compiled: Path) -> None:
    with source.open("rb") as file:
        catalog = read_po(file, domain=source.stem)
    new = compiled.with_suffix(".mo.new")
    with new.open("wb") as file:
        write_mo(file, catalog)
    new.replace(compiled)
