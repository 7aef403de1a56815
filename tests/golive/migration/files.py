"""Files of v2 installations, handed over as tests do."""

from collections.abc import Iterable

from catalogs.models import Format
from golive.migration import taking
from golive.migration.arriving import fill, new_import
from golive.migration.models import Import, ImportRow
from tests.meta import Meta

COLUMNS = "external_business_id,access_token,token_type,channel,name,timezone,currency,page_id,pixel_id"
HEAD = f"{COLUMNS}\n"


def line(external_id: str, token: str, **other: str) -> str:
    """A row of CSV."""
    values = {
        "channel": "COMMERCE",
        "name": f"Shop {external_id}",
        "timezone": "Asia/Taipei",
        "currency": "TWD",
    } | other
    return ",".join([external_id, token, "USER", *values.values(), "111", "0"]) + "\n"


def arrived(meta: Meta, content: str | bytes, *, is_dry_run: bool = False, format: Format = Format.CSV) -> Import:
    """An import with its file."""
    run = new_import(meta.app, format, name="v2.csv", is_dry_run=is_dry_run)
    assert fill(run, [content.encode() if isinstance(content, str) else content]) == ""
    return run


def taken(run: Import) -> Import:
    """The import after one go."""
    taking.take(run.partner_id, run.pk)
    run.refresh_from_db()
    return run


def refused(meta: Meta, pieces: Iterable[bytes], format: Format = Format.CSV) -> str:
    """Why a file cannot be taken."""
    run = new_import(meta.app, format, name="v2.csv")
    problem = fill(run, pieces)
    run.refresh_from_db()
    assert (run.state, run.problem) == (Import.State.FAILED, problem)
    return problem


def reasons(run: Import) -> dict[int, list[str]]:
    """What is said of the rows, by line."""
    return dict(ImportRow.objects.filter(run=run).exclude(reasons=[]).values_list("line", "reasons"))
