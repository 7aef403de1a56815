"""Two verticals, one Business Manager: what a business has at Meta already when it starts in another vertical."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy

from features.models import Installation
from mbe.catalog import VERTICALS
from onboarding.models import OnboardingAttempt

# By the words that Meta has for them, of a feature and of the top level.
_KINDS = (
    (gettext_lazy("Facebook Page"), ("page_id", "pages")),
    (gettext_lazy("Instagram account"), ("ig_profile_id", "instagram_profiles")),
    (gettext_lazy("Ad account"), ("ad_account_id",)),
    (gettext_lazy("Catalog"), ("catalog_id",)),
    (gettext_lazy("Meta pixel"), ("pixel_id",)),
)


@dataclass(frozen=True)
class SharedAsset:
    """One asset at Meta: what it is, its id, and its name where Meta has told it."""

    label: str
    asset_id: str
    name: str = ""


@dataclass(frozen=True)
class Shared:
    """The Business Manager and the assets of a connected business; `verticals` brought it there, oldest first."""

    business_manager_id: str
    assets: tuple[SharedAsset, ...]
    verticals: tuple[str, ...]

    @property
    def vertical(self) -> str:
        """The first vertical, in the reader's language."""
        return VERTICALS[self.verticals[0]].label.in_language(get_language() or "en")

    def is_news_to(self, vertical: str) -> bool:
        """Whether somebody who starts in this vertical should be told: another one brought the business to Meta."""
        return bool(self.verticals) and vertical not in self.verticals


def first_verticals(business_id: int) -> dict[int, tuple[str, ...]]:
    """The verticals through which a business was connected, oldest first, by Meta app; call it inside `tenant`."""
    succeeded = OnboardingAttempt.objects.filter(
        business_id=business_id, outcome=OnboardingAttempt.Outcome.SUCCEEDED
    ).order_by("pk")
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for app, vertical in succeeded.values_list("meta_app_id", "entry_point__vertical"):
        found[app][vertical] = None
    return {app: tuple(verticals) for app, verticals in found.items()}


def shared_of(installation: Installation, verticals: Sequence[str]) -> Shared | None:
    """What the next vertical finds at Meta; None where nothing is connected. Call it inside `tenant`."""
    manager = installation.business_manager_id
    if installation.state != Installation.State.CONNECTED or not manager or not verticals:
        return None
    of_features = list(installation.features.filter(removed_at=None).order_by("pk").values_list("connected_assets"))
    assets = _assets([connected for (connected,) in of_features], installation.assets)
    return Shared(manager, tuple(assets), tuple(verticals))


def _assets(of_features: Sequence[Mapping[str, Any]], top_level: Mapping[str, Any]) -> Iterable[SharedAsset]:
    """Each asset once; of a kind that a feature names, what the top level says does not count."""
    for label, keys in _KINDS:
        named = _named(of_features, keys) or _named([top_level], keys)
        yield from (SharedAsset(str(label), asset_id, name) for asset_id, name in named.items())


def _named(sources: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in sources:
        for key in keys:
            for each in _listed(source.get(key)):
                asset_id = str(each.get("id", "")) if isinstance(each, Mapping) else str(each)
                name = str(each.get("name", "")) if isinstance(each, Mapping) else ""
                found[asset_id] = found.get(asset_id) or name
    return {asset_id: name for asset_id, name in found.items() if asset_id not in ("", "0")}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
