"""Which assets of a merchant each feature type is connected to. The sandbox's own choice: Meta's is not published."""

from dataclasses import dataclass

from mbe.catalog import canonical_feature_type
from sandbox.model import Connection, Json, Page
from sandbox.state import State


@dataclass(frozen=True)
class Needs:
    """`assets` are names of `Connection.assets`; `is_per_page` makes one instance for each chosen Page."""

    page: bool = False
    instagram: bool = False
    assets: tuple[str, ...] = ()
    is_per_page: bool = False
    is_shop: bool = False


NEEDS: dict[str, Needs] = {
    "page_cta": Needs(page=True, is_per_page=True),
    "ig_cta": Needs(instagram=True, is_per_page=True),
    "messenger_menu": Needs(page=True),
    "thread_intent": Needs(page=True),
    "page_card": Needs(page=True, assets=("catalog_id",)),
    "messenger_chat": Needs(page=True),
    "collaborate_ads": Needs(assets=("ad_account_id", "catalog_id")),
    "ar_commerce": Needs(assets=("catalog_id",)),
    "creative": Needs(assets=("ad_account_id",)),
    "ig_creators_as_sellers": Needs(instagram=True, assets=("shop_catalog_id", "commerce_merchant_settings_id")),
    "pixel": Needs(assets=("pixel_id",), is_shop=True),
    "catalog": Needs(assets=("catalog_id",)),
    "ads": Needs(assets=("ad_account_id",)),
    "fb_shop": Needs(assets=("shop_catalog_id", "commerce_merchant_settings_id"), is_shop=True),
    "ig_shopping": Needs(instagram=True, assets=("shop_catalog_id", "commerce_merchant_settings_id"), is_shop=True),
    "custom_audience": Needs(assets=("ad_account_id",)),
    "messaging": Needs(page=True),
    "lead_ads": Needs(page=True, assets=("ad_account_id",)),
    "customer_data": Needs(assets=("pixel_id",)),
    "checkbox_plugin": Needs(page=True),
    "checkbox_plugin_marketing": Needs(page=True),
}

# A shop has a catalog of its own, so that "every distinct catalog among the features" can be more than one.
_WIRE_KEYS = {"shop_catalog_id": "catalog_id"}
TOP_LEVEL_KEYS = ("ad_account_id", "catalog_id", "pixel_id", "commerce_merchant_settings_id")


def needs_of(feature_type: str) -> Needs:
    """The row of that type; an invented type needs nothing."""
    return NEEDS.get(canonical_feature_type(feature_type), Needs())


def asset(state: State, connection: Connection, name: str) -> str:
    """The merchant's asset of that name, made at first need and the same ever after."""
    if name not in connection.assets:
        connection.assets[name] = state.new_id()
    return connection.assets[name]


def connected_assets(state: State, connection: Connection, feature_type: str, page: Page | None) -> dict[str, str]:
    """`connected_assets` of a new instance of that type; without a Page an Instagram profile stands alone."""
    needs = needs_of(feature_type)
    assets = {_WIRE_KEYS.get(name, name): asset(state, connection, name) for name in needs.assets}
    if needs.page and page:
        assets["page_id"] = page.page_id
    if needs.instagram:
        assets["ig_profile_id"] = page.ig_profile_id if page else asset(state, connection, "ig_profile_id")
    return assets


def additional_info(feature_type: str) -> Json:
    """`additional_info` of a new instance: only what sells says whether it may sell at Meta."""
    return {"onsite_eligible": False} if needs_of(feature_type).is_shop else {}
