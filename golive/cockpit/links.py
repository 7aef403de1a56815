"""Launch links for many businesses at once: those whose connection has to be made again."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import now

from features.models import Installation
from golive.cockpit.counting import Group, in_group
from onboarding.linking import make_launch_link
from onboarding.models import LaunchLink
from partners.audit.csv_lines import BYTE_ORDER_MARK, FORMULA_STARTS
from partners.audit.models import Action
from partners.audit.recording import By, record_all
from partners.models import MetaApp
from partners.tenancy import tenant

MOST_LINKS = 1000
COLUMNS = ("external business id", "business", "reason", "launch link", "works until")
_LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Made:
    """A new link, with the only copy of its address."""

    installation: Installation
    link: LaunchLink
    address: str


def chosen(app: MetaApp, numbers: Iterable[str]) -> QuerySet[Installation]:
    """Of the app's installations that must reconnect, those with these numbers; what is no number is no one's."""
    known = [int(each) for each in numbers if each.isascii() and each.isdecimal() and len(each) <= _LONGEST_NUMBER]
    return _to_reconnect(app).filter(pk__in=known)


def without_link(app: MetaApp) -> QuerySet[Installation]:
    """The app's installations that must reconnect, and whose business has no usable link for all its entry points."""
    usable = LaunchLink.objects.filter(
        business=OuterRef("business"), entry_point=None, revoked_at=None, expires_at__gt=now()
    )
    return _to_reconnect(app).filter(~Exists(usable))


def make_links(app: MetaApp, installations: Sequence[Installation], user: User, by: By) -> list[Made]:
    """Make a link for the business of each, and write who did it: all of them or none."""
    with tenant(app.partner_id):
        made = [Made(each, *make_launch_link(each.business, None, user)) for each in installations]
        record_all(Action.LINK_MADE, [each.link for each in made], by=by)
    return made


def as_csv(made: Iterable[Made]) -> str:
    """A line for each link, in UTC; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in _cells(each)] for each in made)
    return BYTE_ORDER_MARK + out.getvalue()


def _cells(made: Made) -> tuple[str, ...]:
    business = made.installation.business
    until = made.link.expires_at.isoformat(timespec="seconds")
    return (business.external_business_id, business.name, str(made.installation.explanation), made.address, until)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _to_reconnect(app: MetaApp) -> QuerySet[Installation]:
    rows = Installation.objects.filter(meta_app=app).select_related("business")
    return in_group(rows, Group.RECONNECT).order_by("pk")
