"""What changes behind a connection without a notice: permissions, and the state of single assets."""

from sandbox.model import Connection, Json
from sandbox.nodes import AD_ACCOUNT_PREFIX, kinds_of_objects, remembered
from sandbox.pixel_edges import fire


def change_what_is_behind(connection: Connection, wish: Json) -> None:
    """Make the changes of the control API that the installs API does not show."""
    if "withheld_scopes" in wish:
        connection.withheld_scopes = [str(scope) for scope in wish["withheld_scopes"]]
    kinds = kinds_of_objects(connection)
    if wish.get("fire_pixel"):
        for object_id in (key for key, kind in kinds.items() if kind == "pixel"):
            fire(remembered(connection, object_id), ["PageView"])
    if "ad_account_status" in wish:
        for object_id in (key for key, kind in kinds.items() if kind == "ad_account"):
            known = remembered(connection, object_id.removeprefix(AD_ACCOUNT_PREFIX))
            known["account_status"] = int(wish["ad_account_status"])
    for object_id, known in wish.get("objects", {}).items():
        remembered(connection, object_id).update(known)
