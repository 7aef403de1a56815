"""What a sync makes of Meta's answers."""

import pytest

from features.applying import apply
from features.claims import claim_due, claim_imported, claim_one
from features.fetching import Observation
from features.models import AccessToken, Cause, Change, Feature, Installation
from features.sync import drain, sync_one
from features.tokens import ReceivedToken, keep
from mbe.installs import parse_installs
from mbe.wire import LONGEST_WORD
from tests.meta import Meta, hint


def installed(installation: Installation) -> set[str]:
    """The types that are on record as installed."""
    rows = Feature.objects.filter(installation=installation, removed_at=None)
    return set(rows.values_list("feature_type", flat=True))


def kinds(installation: Installation) -> list[str]:
    """The history, oldest first."""
    return list(Change.objects.filter(installation=installation).order_by("pk").values_list("kind", flat=True))


def sync(installation: Installation) -> Installation:
    """Sync, and read the row again."""
    sync_one(installation.partner_id, installation.pk)
    installation.refresh_from_db()
    return installation


def test_the_first_sync_records_features_assets_and_history(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "page_cta", "catalog"))
    assert installation.state == Installation.State.CONNECTED
    assert installed(installation) == {"page_cta", "catalog"}
    assert installation.business_manager_id
    assert installation.synced_at and installation.configuration_synced_at
    assert kinds(installation) == ["installed", "installed", "connected", "assets"]
    assert set(Change.objects.values_list("cause", flat=True)) == {"return"}
    catalog = Feature.objects.get(feature_type="catalog")
    assert catalog.connected_assets["catalog_id"] and "ad_account_id" not in catalog.connected_assets


def test_words_as_long_as_the_parser_takes_are_recorded(meta: Meta) -> None:
    installation = meta.installation("salon", "pixel")
    claim = claim_one(installation.partner_id, installation.pk)
    assert claim is not None
    word = "9" * LONGEST_WORD
    feature = {"feature_instance_id": word, "feature_type": f"x{word[1:]}", "feature_name": word}
    answer = {"token_type": word, "business_manager_id": word, "installed_features": [feature]}
    assert apply(claim, Observation(parse_installs({"data": [answer]})))
    assert Feature.objects.get().feature_instance_id == word


def test_a_further_hint_does_not_cost_the_place_in_the_queue(meta: Meta) -> None:
    first, second = meta.installation("first", "pixel"), meta.installation("second", "pixel")
    hint(first)
    assert [each.installation for each in claim_due()] == [first]
    assert [each.installation for each in claim_due()] == [second]


def test_who_comes_by_does_not_wait_behind_an_import(meta: Meta) -> None:
    imported, pressed = meta.installation("imported", "pixel"), meta.installation("pressed", "pixel")
    Installation.objects.filter(pk=imported.pk).update(requested_cause=Cause.IMPORT)
    hint(pressed, Cause.STAFF)
    assert [each.installation for each in claim_due(2)] == [pressed]
    assert claim_due() == []
    assert [each.installation for each in claim_imported(2)] == [imported]


def test_a_removed_feature_keeps_its_row_and_ends(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "page_cta", "catalog"))
    meta.change("salon", remove=["catalog"])
    hint(installation)
    sync(installation)
    catalog = Feature.objects.get(feature_type="catalog")
    assert catalog.removed_at is not None
    assert installed(installation) == {"page_cta"}
    assert Change.objects.get(kind="removed").cause == "webhook"


def test_several_instances_of_one_type_are_kept_apart(meta: Meta) -> None:
    installation = meta.installation("salon", "page_cta", pages=2)
    meta.change("salon", add=["page_cta"])
    sync(installation)
    rows = Feature.objects.filter(feature_type="page_cta", removed_at=None)
    assert len({row.feature_instance_id for row in rows}) == 2


def test_configuration_changed_at_meta_is_recorded_for_its_instance(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "page_cta", "ig_cta"))
    row = Feature.objects.get(feature_type="page_cta")
    assert row.is_enabled is True
    meta.change("salon", configure={row.feature_instance_id: {"cta_button_text": "Reserve"}})
    hint(installation)
    sync(installation)
    row.refresh_from_db()
    assert row.configuration["cta_button_text"] == "Reserve"
    assert kinds(installation)[-1] == "configured"
    assert Change.objects.latest("pk").feature == row


def test_an_unknown_feature_type_is_kept_as_it_came(meta: Meta) -> None:
    meta.turn(unknown_feature_types=True)
    sync(meta.installation("salon", "pixel"))
    invented = Feature.objects.exclude(feature_type="pixel").get()
    assert invented.feature_type == invented.feature_type_raw
    assert invented.additional_info


def test_an_answer_without_the_feature_list_removes_nothing(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel"))
    meta.turn(v2_payloads=True)
    hint(installation)
    sync(installation)
    assert installation.state == Installation.State.CONNECTED
    assert installed(installation) == {"pixel"}


def test_an_honest_empty_answer_removes_everything(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel"))
    meta.change("salon", uninstall=True, keep_tokens=True)
    hint(installation)
    sync(installation)
    assert installation.state == Installation.State.DISCONNECTED
    assert installation.reason == Installation.Reason.UNINSTALLED
    assert installed(installation) == set()
    assert kinds(installation)[-2:] == ["disconnected", "assets"]


def test_a_business_without_a_page_is_connected_all_the_same(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel", pages=0))
    assert installation.state == Installation.State.CONNECTED
    assert "pages" not in installation.assets


def test_a_system_user_token_is_gained_once_and_used_from_then_on(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel"))
    system = AccessToken.objects.get(kind="system_user")
    assert system.installation == installation
    meta.change("salon", kill_tokens=463, token_kind="USER")
    hint(installation)
    sync(installation)
    assert installation.state == Installation.State.CONNECTED
    assert meta.calls("system_user_token") == 1


def test_a_refused_system_user_token_is_not_asked_for_again(meta: Meta) -> None:
    meta.turn(refuse_system_user_token=True)
    installation = sync(meta.installation("salon", "pixel"))
    hint(installation)
    sync(installation)
    assert meta.calls("system_user_token") == 1
    assert not AccessToken.objects.filter(kind="system_user").exists()


def test_a_login_that_is_dead_at_the_exchange_is_buried_at_once(meta: Meta) -> None:
    meta.fail("dead_token", path="token", subcode=463)
    installation = sync(meta.installation("salon", "pixel"))
    login = AccessToken.objects.get()
    assert login.dead_at and login.dead_subcode == 463 and "no longer valid" in login.dead_reason
    assert installation.is_syncing, "whoever has no other token is asked to reconnect"
    before = meta.calls()
    sync(installation)
    assert (installation.state, installation.reason, meta.calls()) == ("reconnect", "token_expired", before)


def test_a_business_with_another_token_stays_connected_when_its_login_dies_at_the_exchange(meta: Meta) -> None:
    installation = meta.installation("salon", "pixel")
    keep([ReceivedToken(installation, meta.connect("salon"))])
    meta.fail("dead_token", path="token", subcode=460)
    sync(installation)
    assert AccessToken.objects.filter(dead_at=None).count() == 1
    sync(installation)
    assert installation.state == Installation.State.CONNECTED


@pytest.mark.parametrize("kind", ["rate_limit_app", "rate_limit_buc", "permission", "server_error", "not_visible"])
def test_what_says_nothing_of_the_token_does_not_bury_it_at_the_exchange(meta: Meta, kind: str) -> None:
    meta.fail(kind, path="token")
    installation = sync(meta.installation("salon", "pixel"))
    assert meta.calls("system_user_token") == 1
    assert AccessToken.objects.get().dead_at is None
    assert installation.state == Installation.State.CONNECTED and not installation.is_syncing


def test_a_dead_system_user_token_falls_back_to_the_login_token_once(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel"))
    meta.change("salon", kill_tokens=467, token_kind="SYSTEM_USER")
    hint(installation)
    before = meta.calls()
    sync(installation)
    assert meta.calls() == before + 2
    assert installation.state == Installation.State.CONNECTED
    assert AccessToken.objects.get(kind="system_user").dead_at is not None


def test_a_returned_feature_is_installed_again_on_its_own_row(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel"))
    row = Feature.objects.get()
    Feature.objects.update(removed_at=row.installed_at)
    hint(installation)
    sync(installation)
    row.refresh_from_db()
    assert row.removed_at is None
    assert kinds(installation)[-1] == "installed"


@pytest.mark.parametrize("count", [1, 7])
def test_the_lane_works_until_nothing_is_due(meta: Meta, count: int) -> None:
    installations = [meta.installation(f"shop-{number}", "pixel") for number in range(count)]
    assert drain() == count
    assert all(installed(each) == {"pixel"} for each in installations)


def test_an_installation_keeps_its_newest_tokens_only(meta: Meta) -> None:
    installation = meta.installation("salon", "pixel")
    for number in range(5):
        keep([ReceivedToken(installation, f"token {number}")])
    kept = [token.secret for token in AccessToken.objects.order_by("pk")]
    assert kept == ["token 2", "token 3", "token 4"]
