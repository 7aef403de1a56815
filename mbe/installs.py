"""What is installed for one business: the model that installs API and webhook share (mbe-v3, section 5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class InstalledFeature:
    """One installed instance of a feature, with its own assets.

    ``feature_type`` is the catalog's word, ``feature_type_raw`` what Meta wrote. ``connected_assets`` holds only what
    is really there. Keys that Meta may add to the entry are kept in ``additional_info`` under their own name.
    """

    feature_instance_id: str
    feature_type: str
    feature_type_raw: str
    feature_name: str
    connected_assets: dict[str, Any]
    additional_info: dict[str, Any]


@dataclass(frozen=True)
class Installs:
    """All that is installed for one external business id.

    ``assets`` are the ids and lists of ids of the top level that are really there, as text. ``features`` is None where
    the answer says nothing about features (an app still on v2): then nothing may be removed.
    """

    is_installed: bool
    assets: dict[str, Any]
    token_type: str
    additional_info: dict[str, Any]
    features: tuple[InstalledFeature, ...] | None

    @property
    def business_manager_id(self) -> str:
        """The Business Manager that the connection is locked to; empty where none is named."""
        return next((word for word in self._all("business_manager_id") if isinstance(word, str)), "")

    @property
    def page_ids(self) -> tuple[str, ...]:
        """Every Page, those of the features first, each once; a business may have none."""
        pages = [*self._all("page_id"), *self._all("pages")]
        return tuple(dict.fromkeys(page for entry in pages for page in ([entry] if isinstance(entry, str) else entry)))

    def _all(self, key: str) -> Iterator[Any]:
        of_features = (feature.connected_assets for feature in self.features or ())
        return (assets[key] for assets in (*of_features, self.assets) if key in assets)
