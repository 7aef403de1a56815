"""What staff treat as gone of the implied: it ends with its history, and comes back when Meta lists it."""

from features.implied.giving_up import give_up
from features.implied.models import Parity
from features.models import Change, Feature
from golive.cockpit.counting import Group
from partners.audit.models import Via
from partners.audit.recording import By
from tests.features.test_implied import v2_connection
from tests.features.test_implied_compared import answered, assets_of, counts, listed
from tests.features.test_implied_in_doubt import group_of, lost
from tests.features.test_sync import installed
from tests.meta import Meta

SOMEBODY = By(None, "Mia", "", Via.ADMIN)


def test_what_is_treated_as_gone_keeps_its_history_and_is_back_when_meta_lists_it(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    pixel, catalog = listed(9001, "pixel", **assets_of("pixel")), Feature.objects.get(feature_type="catalog")
    answered(installation, pixel)
    assert group_of(installation) == Group.MIXED
    assert give_up(installation.partner_id, [catalog.pk], SOMEBODY) == 1
    assert give_up(installation.partner_id, [catalog.pk], SOMEBODY) == 0
    assert (group_of(installation), lost(installation)) == (Group.V3, {"catalog": "given_up"})
    ended = Change.objects.get(feature=catalog, kind="removed")
    assert ended.cause == "staff" and ended.before["connected_assets"] == catalog.connected_assets
    answered(installation, pixel)
    assert (installed(installation), lost(installation)) == ({"pixel"}, {"catalog": "given_up"})
    answered(installation, pixel, listed(9002, "catalog", **catalog.connected_assets))
    assert counts() == (2, 0, 0) and Parity.objects.get().lost == []
    catalog.refresh_from_db()
    assert catalog.removed_at is None and not catalog.is_implied
