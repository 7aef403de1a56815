"""Every text that people read, taken from code and templates; as a program it brings the translations up to date.

`python -m tests.messages` adds what is new to each `.po`, with nothing translated, and drops what is gone.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
ROOMS = ("partners", "features", "catalogs", "onboarding", "webhooks", "golive", "config")
KEYWORDS = DEFAULT_KEYWORDS | {"gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}


def template_catalog() -> Catalog:
    """The texts of code and templates, untranslated, with the places where they stand."""
    catalog = Catalog(project="MBE portal", charset="utf-8")
    for path, source in _sources():
        for _line, text, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            catalog.add(text, locations=[(path, 0)], context=context)
    return catalog


def translations() -> dict[Path, Catalog]:
    """Every `.po` of the project."""
    return {path: _read(path) for path in sorted(PROJECT.glob("locale/*/LC_MESSAGES/django.po"))}


def _sources() -> Iterator[tuple[str, str]]:
    """Python as it is, templates as Python that says the same texts."""
    for path in sorted(each for room in ROOMS for each in (PROJECT / room).rglob("*.py")):
        yield str(path.relative_to(PROJECT)), path.read_text()
    for path in sorted(each for kind in ("*.html", "*.txt") for each in (PROJECT / "templates").rglob(kind)):
        # A template may be indented as it likes; Python may not.
        said = templatize(path.read_text(), origin=str(path))
        yield str(path.relative_to(PROJECT)), "\n".join(line.strip() for line in said.splitlines())


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def update() -> None:
    """Bring every `.po` up to date with the source."""
    template = template_catalog()
    for path, catalog in translations().items():
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalog, width=120, omit_header=False, include_lineno=False, ignore_obsolete=True)


if __name__ == "__main__":
    update()
