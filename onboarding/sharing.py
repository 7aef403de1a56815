"""Two verticals, one Business Manager: what a business has at Meta already when it starts in another vertical."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Min
from django.utils.translation import get_language, gettext_lazy

from features.models import Installation
from mbe.catalog import VERTICALS
from onboarding.models import EntryPoint
from onboarding.standing import standing_attempts

# Connected there as far as anybody knows: the Business Manager stays, also when only our token died.
_AT_META = (Installation.State.CONNECTED, Installation.State.RECONNECT)
_NO_ID = ("", "0")
# Meta's word for one of a kind, of a feature, at the top level and in `setup` (meta-api, 1.6): its label, and the word
# for the top level's list.
_KINDS = {
    "page_id": (gettext_lazy("Facebook Page"), "pages"),
    "ig_profile_id": (gettext_lazy("Instagram account"), "instagram_profiles"),
    "ad_account_id": (gettext_lazy("Ad account"), ""),
    "catalog_id": (gettext_lazy("Catalog"), ""),
    "pixel_id": (gettext_lazy("Meta pixel"), ""),
}


@dataclass(frozen=True)
class SharedAsset:
    """One asset at Meta: what it is, in Meta's word and the reader's, its id, and its name where Meta has told it."""

    key: str
    label: str
    asset_id: str
    name: str = ""


@dataclass(frozen=True)
class Shared:
    """The Business Manager of a business and its assets; `verticals` brought it there, oldest first.

    A business that was taken over from v2, or started at Meta unknown to us, has no verticals; one that has to connect
    again (`is_lost`) has no assets here, since nobody can say what they are now.
    """

    business_manager_id: str
    assets: tuple[SharedAsset, ...]
    verticals: tuple[str, ...]
    is_lost: bool = False

    @property
    def vertical(self) -> str:
        """The first vertical, in the reader's language; empty where it is not known."""
        return VERTICALS[self.verticals[0]].label.in_language(get_language() or "en") if self.verticals else ""

    @property
    def preselected(self) -> dict[str, str]:
        """What `setup` asks to select (meta-api, 1.6): it takes one of a kind; of several Meta keeps what it has."""
        counts = Counter(each.key for each in self.assets)
        ids = {each.key: each.asset_id for each in self.assets if counts[each.key] == 1}
        return {} if self.is_lost else {"business_manager_id": self.business_manager_id, **ids}

    def is_news_to(self, vertical: str) -> bool:
        """Whether somebody who starts in this vertical should be told: this one did not bring the business to Meta."""
        return vertical not in self.verticals


def first_verticals(business_id: int) -> dict[int, tuple[str, ...]]:
    """The verticals through which a business is connected, oldest first, by Meta app; call it inside `tenant`."""
    used = standing_attempts(business_id).values_list("meta_app_id", "entry_point__vertical")
    found: dict[int, list[str]] = defaultdict(list)
    for app, vertical, _first in used.annotate(first=Min("pk")).order_by("first"):
        found[app].append(vertical)
    return {app: tuple(verticals) for app, verticals in found.items()}


def shared_of(installation: Installation, verticals: Sequence[str]) -> Shared | None:
    """What the next vertical finds at Meta; None where nothing is connected. Call it inside `tenant`."""
    manager = installation.business_manager_id
    if installation.state not in _AT_META or manager in _NO_ID:
        return None
    if installation.state != Installation.State.CONNECTED:
        return Shared(manager, (), tuple(verticals), is_lost=True)
    of_features = installation.features.filter(removed_at=None).order_by("pk")
    assets = _assets(list(of_features.values_list("connected_assets", flat=True)), installation.assets)
    return Shared(manager, tuple(assets), tuple(verticals))


def shared_for(entry_point: EntryPoint, business_id: int) -> Shared | None:
    """What a business that starts here finds at Meta from another vertical; None where there is nothing to tell of.

    Call it inside `tenant`.
    """
    app = entry_point.meta_app_id
    installation = Installation.objects.filter(meta_app_id=app, business_id=business_id).first()
    shared = shared_of(installation, first_verticals(business_id).get(app, ())) if installation else None
    return shared if shared and shared.is_news_to(entry_point.vertical) else None


def _assets(of_features: Sequence[Mapping[str, Any]], top_level: Mapping[str, Any]) -> Iterable[SharedAsset]:
    """Each asset once; of a kind that a feature names, what the top level says does not count."""
    for key, (label, listed_as) in _KINDS.items():
        named = _named(of_features, (key, listed_as)) or _named([top_level], (key, listed_as))
        yield from (SharedAsset(key, str(label), asset_id, name) for asset_id, name in named.items())


def _named(sources: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in sources:
        for key in keys:
            for each in _listed(source.get(key)):
                asset_id = str(each.get("id", "")) if isinstance(each, Mapping) else str(each)
                name = str(each.get("name", "")) if isinstance(each, Mapping) else ""
                found[asset_id] = found.get(asset_id) or name
    return {asset_id: name for asset_id, name in found.items() if asset_id not in _NO_ID}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
