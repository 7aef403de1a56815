"""Catalogs in the admin: how far they are, what Meta refused, and Sync now."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogs.catalog_admin import MOST_REFUSED_SHOWN
from catalogs.models import Catalog, CatalogItem
from catalogs.refused import ROWS_OF_A_PORTION
from features.models import Feature, Installation
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import FeatureFactory, InstallationFactory, MembershipFactory

pytestmark = pytest.mark.django_db
State, Reason = Catalog.State, Catalog.Reason


@pytest.fixture
def catalog() -> Catalog:
    """A catalog in step, which one feature uses."""
    installation = InstallationFactory.create(state=Installation.State.CONNECTED, reason="")
    FeatureFactory.create(installation=installation, feature_type="fb_shop", connected_assets={"catalog_id": "71"})
    FeatureFactory.create(installation=installation, feature_type="pixel", connected_assets={"pixel_id": "9"})
    return Catalog.objects.create(
        partner=installation.partner,
        installation=installation,
        catalog_id="71",
        state=State.IN_STEP,
        due_at=None,
        items_confirmed=1_234,
    )


@pytest.fixture
def member(catalog: Catalog) -> Client:
    """The browser of a member of its partner."""
    return signed_in(MembershipFactory.create(partner=catalog.partner).user)


def shown(client: Client, catalog: Catalog) -> str:
    """The catalog's page."""
    answer = client.get(page("catalogs_catalog", catalog))
    assert answer.status_code == 200
    return answer.content.decode()


def change(catalog: Catalog, **columns: object) -> None:
    """Write these columns."""
    Catalog.objects.filter(pk=catalog.pk).update(**columns)


def refuse(catalog: Catalog, count: int, problem: str = "The price is missing.") -> None:
    """Let Meta have refused so many items."""
    CatalogItem.objects.bulk_create(
        CatalogItem(partner=catalog.partner, catalog=catalog, item_id=f"sku-{number:05}", refused="x", problem=problem)
        for number in range(count)
    )
    change(catalog, items_refused=count)


def test_the_list_shows_business_state_and_counts_and_finds_by_both(member: Client, catalog: Catalog) -> None:
    change(catalog, state=State.STOPPED, reason=Reason.PERMISSION, items_to_push=77)
    business = catalog.installation.business
    for query in ("", "?q=71", f"?q={business.external_business_id}", f"?installation={catalog.installation_id}"):
        content = member.get(reverse("admin:catalogs_catalog_changelist") + query).content.decode()
        assert "stopped" in content and "permission to write the catalog" in content
        assert business.external_business_id in content and "1234" in content and "77" in content
    content = member.get(reverse("admin:catalogs_catalog_changelist") + "?q=72").content.decode()
    assert business.external_business_id not in content


def test_the_page_names_the_features_that_use_it(member: Client, catalog: Catalog) -> None:
    content = shown(member, catalog)
    using, other = Feature.objects.order_by("pk")
    assert page("features_feature", using) in content and page("features_feature", other) not in content
    assert 'http-equiv="refresh"' not in content and "<progress" not in content


def test_while_it_is_pushed_the_page_shows_progress_and_looks_again(member: Client, catalog: Catalog) -> None:
    change(catalog, state=State.PUSHING, due_at=timezone.now(), items_confirmed=30, items_refused=5, items_to_push=65)
    content = shown(member, catalog)
    assert '<progress max="100" value="35"' in content and 'http-equiv="refresh" content="3"' in content
    assert "65 items still to push" in content


@pytest.mark.parametrize(
    ("columns", "said", "advised"),
    [
        ({"state": State.STOPPED, "reason": Reason.PERMISSION, "detail": "(#10) No"}, "(#10) No", "new launch link"),
        ({"state": State.STOPPED, "reason": Reason.NO_TOKEN}, "No access token is left", "new launch link"),
        ({"state": State.STOPPED, "reason": Reason.NOT_VISIBLE}, "does not show this catalog", "new launch link"),
        ({"state": State.STOPPED, "reason": Reason.REFUSED, "detail": "Bad"}, "Bad", "press Sync now"),
        ({"state": State.ENDED}, "No feature uses this catalog", ""),
        ({"state": State.WAITING, "failures": 2, "detail": "Meta is down"}, "last try failed", ""),
        ({"state": State.WAITING, "not_before": timezone.now() + timedelta(hours=1)}, "makes this catalog wait", ""),
    ],
)
def test_why_it_is_not_in_step_is_said_and_what_helps(
    member: Client, catalog: Catalog, columns: dict[str, object], said: str, advised: str
) -> None:
    change(catalog, **{"due_at": timezone.now()} | columns)
    content = shown(member, catalog)
    assert said in content and advised in content
    assert 'http-equiv="refresh"' not in content


def test_a_connection_or_an_app_that_waits_is_said(member: Client, catalog: Catalog) -> None:
    change(catalog, state=State.WAITING)
    MetaApp.objects.update(paused_until=timezone.now() + timedelta(hours=1))
    assert "makes the whole app wait" in shown(member, catalog)
    Installation.objects.update(state=Installation.State.RECONNECT)
    assert "is not connected" in shown(member, catalog)


def test_errors_without_a_name_are_said(member: Client, catalog: Catalog) -> None:
    change(catalog, errors_unnamed=3)
    assert "Meta counted 3 errors without naming the items" in shown(member, catalog)


def test_the_first_refused_items_are_shown_and_all_are_in_the_file(member: Client, catalog: Catalog) -> None:
    refuse(catalog, ROWS_OF_A_PORTION + 1)
    content = shown(member, catalog)
    assert content.count("The price is missing.") == MOST_REFUSED_SHOWN
    assert "These are the first ones" in content
    answer = member.get(reverse("admin:catalogs_catalog_refused", args=[catalog.pk]))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == ROWS_OF_A_PORTION + 2 and lines[1] == "sku-00000,The price is missing."
    assert AuditEntry.objects.filter(action=Action.DOWNLOADED, object_type="catalogs.catalog").exists()


def test_what_meta_says_is_shown_as_text_and_is_no_formula(member: Client, catalog: Catalog) -> None:
    refuse(catalog, 1, problem="=1+1<script>")
    assert "=1+1&lt;script&gt;" in shown(member, catalog)
    answer = member.get(reverse("admin:catalogs_catalog_refused", args=[catalog.pk]))
    assert "'=1+1<script>" in answer.getvalue().decode()


def test_a_refused_deletion_is_named_so(member: Client, catalog: Catalog) -> None:
    CatalogItem.objects.create(
        partner=catalog.partner, catalog=catalog, item_id="lamp", refused=CatalogItem.DELETION, confirmed="x"
    )
    assert "Not deleted: Meta gives no reason." in shown(member, catalog)


def test_sync_now_asks_and_stands_in_the_audit_log(member: Client, catalog: Catalog) -> None:
    answer = member.post(tool("catalogs_catalog", catalog, "press_push"), follow=True)
    assert "compared with the products" in answer.content.decode()
    catalog.refresh_from_db()
    assert (catalog.state, catalog.requested) == (State.WAITING, 1) and catalog.due_at is not None
    assert AuditEntry.objects.filter(action=Action.PUSHED, object_id=str(catalog.pk)).count() == 1


def test_a_catalog_that_has_ended_has_no_button(member: Client, catalog: Catalog) -> None:
    change(catalog, state=State.ENDED)
    assert "press_push" not in shown(member, catalog)
    assert member.post(tool("catalogs_catalog", catalog, "press_push")).status_code == 404


def test_a_viewer_reads_and_presses_nothing(catalog: Catalog) -> None:
    viewer = signed_in(MembershipFactory.create(partner=catalog.partner, role=Role.VIEWER).user)
    assert "press_push" not in shown(viewer, catalog)
    assert viewer.post(tool("catalogs_catalog", catalog, "press_push")).status_code == 403


def test_a_stranger_finds_nothing(catalog: Catalog) -> None:
    stranger = signed_in(MembershipFactory.create().user)
    for address in (page("catalogs_catalog", catalog), reverse("admin:catalogs_catalog_refused", args=[catalog.pk])):
        assert stranger.get(address).status_code == 404


def test_the_installation_leads_to_its_catalogs(member: Client, catalog: Catalog) -> None:
    content = member.get(page("features_installation", catalog.installation)).content.decode()
    assert f"/admin/catalogs/catalog/?installation={catalog.installation_id}" in content
