"""Ad accounts, Business Managers, Instagram profiles and shops: what a read of one shows (meta-api, 9)."""

from sandbox.graph_answers import GraphRefusal, not_visible
from sandbox.graph_call import Call, living_token
from sandbox.model import Json
from sandbox.nodes import AD_ACCOUNT_PREFIX, object_id_of, owned, shown
from sandbox.world import World

ACTIVE, DISABLED = 1, 2


def read_ad_account(world: World, call: Call) -> Json:
    """`GET /act_{ad account}`: `account_status` is 1 unless the control API says otherwise."""
    connection, object_id = owned(world.state, call, "ad_account", "ads_management", "ads_read")
    bare_id = object_id.removeprefix(AD_ACCOUNT_PREFIX)
    status = connection.objects.get(bare_id, {}).get("account_status", ACTIVE)
    available = {
        "name": f"{connection.name}, ads",
        "account_id": bare_id,
        "account_status": status,
        "currency": "HKD",
        "timezone_name": "Asia/Hong_Kong",
        "disable_reason": int(status == DISABLED),
    }
    return shown(call, object_id, available)


def read_business(world: World, call: Call) -> Json:
    """`GET /{business manager}`."""
    connection, object_id = owned(world.state, call, "business", "business_management")
    available = {"name": connection.name, "verification_status": "not_verified"}
    return shown(call, object_id, available)


def read_instagram(world: World, call: Call) -> Json:
    """`GET /{Instagram profile}`."""
    connection, object_id = owned(world.state, call, "instagram", "instagram_basic")
    page = next((one for one in connection.pages if one.ig_profile_id == object_id), None)
    name = page.name if page else connection.name
    username = "".join(letter for letter in name.lower() if letter.isalnum()) or object_id
    return shown(call, object_id, {"name": name, "username": username})


def read_shop(world: World, call: Call) -> Json:
    """`GET /{commerce merchant settings}`."""
    connection, object_id = owned(world.state, call, "shop", "commerce_account_read_settings", "catalog_management")
    status = connection.objects.get(object_id, {}).get("merchant_status", "ENABLED")
    channel = {"id": connection.assets.get("shop_catalog_id", object_id), "status": status}
    available = {
        "name": connection.name,
        "display_name": connection.name,
        "merchant_status": status,
        "facebook_channel": channel,
        "instagram_channel": channel,
    }
    return shown(call, object_id, available)


def not_there(world: World, call: Call) -> Json:
    """An object that the token does not see."""
    living_token(world.state, call)
    raise GraphRefusal(not_visible(object_id_of(call)))
