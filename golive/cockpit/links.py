"""Launch links for many businesses at once: those whose connection has to be made again.

Each opens an entry point of the app whose connection it shall bring back; a business that has none is given no link.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from features.models import Installation
from golive.cockpit.counting import Group, in_group
from golive.cockpit.ways_back import Way, ways_back
from onboarding.linking import launch_address, make_launch_link
from onboarding.models import LaunchLink, fingerprint
from partners.audit.models import Action
from partners.audit.recording import By, record_all
from partners.models import Business, MetaApp
from partners.tenancy import tenant

MOST_LINKS = 1000
_LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Given:
    """The link of a business with its address, or one made before: its address is empty, for nobody can show it."""

    installation: Installation
    link: LaunchLink
    address: str = ""


@dataclass(frozen=True)
class Order:
    """A form sent by a person: the same one again is given the same links.

    `ends` are links that new ones replace, `entry_point` the key of the one that is wanted wherever it fits.
    """

    form: str
    user: User
    ends: Collection[int] = ()
    entry_point: int | None = None

    def token_for(self, installation: Installation) -> str:
        """The secret of the link; without the portal's own key nobody can make it, whoever knows the form."""
        value = f"{self.form}:{self.user.pk}:{installation.pk}:{self.entry_point or ''}"
        return salted_hmac("golive.cockpit.links", value, algorithm="sha256").hexdigest()


def numbers_in(texts: Iterable[str]) -> list[int]:
    """The keys among these texts; what is no number is no one's."""
    return [int(each) for each in texts if each.isascii() and each.isdecimal() and len(each) <= _LONGEST_NUMBER]


def chosen(app: MetaApp, keys: Collection[int]) -> list[Way]:
    """The ways of those of the app's installations with these keys that must reconnect."""
    return ways_back(app, list(_to_reconnect(app).filter(pk__in=keys)))


def without_link(app: MetaApp) -> list[Way]:
    """The ways of the app's installations that must reconnect, and whose business has no link that leads back."""
    ways = ways_back(app, list(_to_reconnect(app)))
    held = usable_links(app, ways)
    return [each for each in ways if each.installation.business_id not in held]


def usable_links(app: MetaApp, ways: Iterable[Way]) -> dict[int, LaunchLink]:
    """For each business among them that has one, by its key: the newest usable link for a button that fits it."""
    return _newest(_usable(app), ways)


def with_unopened(app: MetaApp, ways: Sequence[Way]) -> list[Given]:
    """Those whose business has a usable link for a button that fits it and that nobody has opened; the newest such."""
    newest = _newest(_usable(app).filter(last_used_at=None), ways)
    rows = [each.installation for each in ways]
    return [Given(each, newest[each.business_id]) for each in rows if each.business_id in newest]


def make_links(app: MetaApp, ways: Iterable[Way], order: Order, by: By) -> list[Given]:
    """Give each business whose way is open a link, and write what was made and ended and by whom: all or nothing.

    A link that this very form has made is given again; where another was made and nobody has opened it, it is said.
    """
    open_ways = {way.installation.pk: way for way in ways if way.closed is None}
    installations = [way.installation for way in open_ways.values()]
    with tenant(app.partner_id):
        # Whoever sends the form at the same moment waits here, and then finds the links.
        list(Business.objects.select_for_update(no_key=True).filter(pk__in=_businesses(installations)).order_by("pk"))
        known = _made_by(order, installations)
        _end(app, order, [each for each in installations if each.pk not in known], by)
        before = {each.installation.pk: each for each in with_unopened(app, list(open_ways.values()))}
        fresh = [each for each in installations if each.pk not in known | before]
        made = {each.pk: _make(open_ways[each.pk], order) for each in fresh}
        record_all(Action.LINK_MADE, [each.link for each in made.values()], by=by)
    # The form's own link comes first while it works; after that the one that replaced it.
    working = {key: each for key, each in known.items() if each.address}
    given = known | before | working | made
    return [given[each.pk] for each in installations]


def _made_by(order: Order, installations: Iterable[Installation]) -> dict[int, Given]:
    tokens = {fingerprint(order.token_for(each)): each for each in installations}
    links = LaunchLink.objects.filter(token_hash__in=tokens).select_related("created_by", "entry_point")
    return {tokens[each.token_hash].pk: _again(tokens[each.token_hash], each, order) for each in links}


def _again(installation: Installation, link: LaunchLink, order: Order) -> Given:
    return Given(installation, link, launch_address(order.token_for(installation)) if link.is_usable else "")


def _end(app: MetaApp, order: Order, installations: Iterable[Installation], by: By) -> None:
    named = _usable(app).filter(pk__in=order.ends, business__in=_businesses(installations), last_used_at=None)
    links = list(named.select_related("business"))
    LaunchLink.objects.filter(pk__in=[each.pk for each in links]).update(revoked_at=now())
    record_all(Action.LINK_REVOKED, links, by=by)


def _make(way: Way, order: Order) -> Given:
    row, entry_point = way.installation, way.through(order.entry_point)
    return Given(row, *make_launch_link(row.business, entry_point, order.user, order.token_for(row)))


def _businesses(installations: Iterable[Installation]) -> list[int]:
    return [each.business_id for each in installations]


def _newest(links: QuerySet[LaunchLink], ways: Iterable[Way]) -> dict[int, LaunchLink]:
    fitting = {way.installation.business_id: {each.pk for each in way.buttons.fitting} for way in ways}
    rows = links.filter(business__in=fitting).select_related("created_by", "entry_point").order_by("pk")
    return {each.business_id: each for each in rows if each.entry_point_id in fitting[each.business_id]}


def _usable(app: MetaApp) -> QuerySet[LaunchLink]:
    """One that opens every button is not among them: nobody knows which app it would be used for."""
    of_app = LaunchLink.objects.filter(entry_point__meta_app=app, entry_point__is_active=True)
    return of_app.filter(revoked_at=None, expires_at__gt=now())


def _to_reconnect(app: MetaApp) -> QuerySet[Installation]:
    rows = Installation.objects.filter(meta_app=app).select_related("business")
    return in_group(rows, Group.RECONNECT).order_by("pk")
