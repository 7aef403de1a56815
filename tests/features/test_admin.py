"""Installations, features and changes in the admin: the record, its buttons, and Sync now."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.models import AccessToken, Cause, Change, Feature, Installation
from partners.models import Business
from partners.tenant_admin import MOST_ROWS_OF_AN_ACTION
from tests.admin_rows import page, signed_in, tool
from tests.factories import AccessTokenFactory, FeatureFactory, InstallationFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def installation() -> Installation:
    """A connection with a Page."""
    return InstallationFactory.create(
        state=Installation.State.CONNECTED, reason="", business_manager_id="900", assets={"pages": ["55"]}
    )


@pytest.fixture
def member(installation: Installation) -> Client:
    """The browser of a member of its partner."""
    return signed_in(MembershipFactory.create(partner=installation.partner).user)


def shown(client: Client, installation: Installation) -> str:
    """The installation's page."""
    answer = client.get(page("features_installation", installation))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_sync_button_asks_for_a_sync(member: Client, installation: Installation) -> None:
    answer = member.post(tool("features_installation", installation, "press_sync"), follow=True)
    assert answer.redirect_chain == [(page("features_installation", installation), 302)]
    assert "Sync of 1 installation asked for." in answer.content.decode()
    installation.refresh_from_db()
    assert (installation.requested_generation, installation.requested_cause) == (1, Cause.STAFF)


def test_the_sync_action_asks_for_the_chosen_ones(member: Client, installation: Installation) -> None:
    second, third = InstallationFactory.create_batch(2, meta_app=installation.meta_app)
    data = {"action": "sync_now", "_selected_action": [installation.pk, second.pk]}
    answer = member.post(reverse("admin:features_installation_changelist"), data, follow=True)
    assert "Sync of 2 installations asked for." in answer.content.decode()
    asked = Installation.objects.filter(requested_generation=1)
    assert set(asked) == {installation, second}
    assert third.requested_generation == 0


def test_the_sync_action_takes_no_more_than_it_says(member: Client, installation: Installation) -> None:
    app, partner = installation.meta_app, installation.partner
    businesses = [Business(partner=partner, external_business_id=f"b-{n}") for n in range(MOST_ROWS_OF_AN_ACTION)]
    Business.objects.bulk_create(businesses)
    Installation.objects.bulk_create(Installation(partner=partner, meta_app=app, business=each) for each in businesses)
    data = {"action": "sync_now", "select_across": "1", "_selected_action": [installation.pk]}
    answer = member.post(reverse("admin:features_installation_changelist"), data, follow=True)
    assert "At most 1,000 at a time" in answer.content.decode()
    assert not Installation.objects.filter(requested_generation=1).exists()


def test_a_connection_with_a_page_has_the_management_button(member: Client, installation: Installation) -> None:
    content = shown(member, installation)
    assert "asset_id=55&amp;business_id=900" in content
    assert "Management view at Meta" in content


def test_without_a_page_the_page_says_so_and_leads_back_into_onboarding(
    member: Client, installation: Installation
) -> None:
    Installation.objects.update(assets={})
    content = shown(member, installation)
    assert "asset_id=" not in content
    assert "needs a Page, and none is connected" in content
    assert (
        f"{reverse('admin:onboarding_launchlink_add')}?business={installation.business_id}&amp;meta_app={installation.meta_app_id}"
        in content
    )


def test_a_connection_to_be_made_again_has_the_management_button_and_says_so(
    member: Client, installation: Installation
) -> None:
    Installation.objects.update(state="reconnect", reason="token_dead")
    content = shown(member, installation)
    assert "Management view at Meta" in content and "The button above leads there." in content
    assert "There is none without a connection." not in content
    Installation.objects.update(assets={})
    content = shown(member, installation)
    assert "Management view at Meta" not in content and "needs a Page, and none is connected" in content


def test_without_a_connection_there_is_no_management_button(member: Client, installation: Installation) -> None:
    Installation.objects.update(state="disconnected", reason="uninstalled")
    content = shown(member, installation)
    assert "Management view at Meta" not in content and "There is none without a connection." in content


def test_a_broken_connection_says_why_and_what_helps(member: Client, installation: Installation) -> None:
    Installation.objects.update(state="reconnect", reason="token_dead", reason_detail="(190/460)")
    content = shown(member, installation)
    assert "Meta no longer accepts the access token. (190/460)" in content
    assert "Send the business a new launch link" in content


def test_several_features_of_one_type_are_kept_apart(member: Client, installation: Installation) -> None:
    for number in ("1", "2"):
        FeatureFactory.create(
            installation=installation,
            feature_instance_id=f"catalog-{number}",
            feature_type="catalog",
            connected_assets={"catalog_id": f"88{number}"},
        )
    content = shown(member, installation)
    assert all(each in content for each in ("catalog-1", "catalog-2", "<dd>881</dd>", "<dd>882</dd>"))


def test_an_unknown_type_and_hostile_words_are_shown_as_they_came(member: Client, installation: Installation) -> None:
    FeatureFactory.create(
        installation=installation,
        feature_type="hologram_ads",
        connected_assets={"<b>": ["<script>alert(1)</script>", None, {"deep": True}]},
    )
    content = shown(member, installation)
    assert "hologram_ads" in content
    assert "<script>alert(1)" not in content
    assert "&lt;script&gt;alert(1)" in content


def test_removed_features_are_folded_away(member: Client, installation: Installation) -> None:
    FeatureFactory.create(installation=installation, feature_instance_id="gone-1", removed_at=timezone.now())
    before, _, folded = shown(member, installation).partition("<summary>1 removed feature</summary>")
    assert "gone-1" in folded
    assert "gone-1" not in before


def test_a_disagreement_with_the_top_level_is_said(member: Client, installation: Installation) -> None:
    FeatureFactory.create(installation=installation, feature_instance_id="page-1", connected_assets={"page_id": "77"})
    content = shown(member, installation)
    assert "<code>page_id</code> of page-1 is <code>77</code>" in content
    assert "names <code>55</code>" in content


def test_tokens_are_shown_without_the_tokens(member: Client, installation: Installation) -> None:
    AccessTokenFactory.create(
        installation=installation, secret="EAA-not-for-eyes", dead_reason="190/460", dead_subcode=460, is_imported=True
    )
    AccessToken.objects.update(dead_at=timezone.now())
    content = shown(member, installation)
    assert "190/460 (460)" in content and "imported" in content
    assert "not-for-eyes" not in content
    assert AccessToken.objects.get().fingerprint not in content


def test_the_newest_changes_stand_first_and_the_rest_is_linked(member: Client, installation: Installation) -> None:
    for generation in range(30):
        Change.objects.create(
            partner=installation.partner,
            installation=installation,
            kind=Change.Kind.ASSETS,
            cause=Cause.RECONCILE,
            generation=generation,
        )
    content = shown(member, installation)
    newest, oldest = Change.objects.last(), Change.objects.first()
    assert newest and oldest
    assert page("features_change", newest) in content
    assert page("features_change", oldest) not in content
    every = member.get(reverse("admin:features_change_changelist"), {"installation": installation.pk})
    assert len(every.context["cl"].result_list) == 30


def test_nobody_writes_what_meta_owns(member: Client, installation: Installation) -> None:
    feature = FeatureFactory.create(installation=installation)
    for kind, row in (("features_installation", installation), ("features_feature", feature)):
        assert member.get(reverse(f"admin:{kind}_add")).status_code == 403
        assert member.post(page(kind, row), {"state": "pending"}).status_code == 403
        assert member.get(page(kind, row, "delete")).status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=catalog", {"b"}),
        ("installed=yes", {"a", "b"}),
        ("installed=no", {"c"}),
        ("installed=maybe", {"a", "b", "c"}),
    ],
)
def test_features_are_filtered(member: Client, installation: Installation, query: str, expected: set[str]) -> None:
    FeatureFactory.create(installation=installation, feature_instance_id="a")
    FeatureFactory.create(installation=installation, feature_instance_id="b", feature_type="catalog")
    FeatureFactory.create(
        installation=installation, feature_instance_id="c", removed_at=timezone.now() - timedelta(days=1)
    )
    answer = member.get(reverse("admin:features_feature_changelist") + f"?{query}")
    rows: list[Feature] = answer.context["cl"].result_list
    assert {each.feature_instance_id for each in rows} == expected
