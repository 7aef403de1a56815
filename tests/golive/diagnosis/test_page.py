"""The page: who sees it, where it is reached, in whose time, with how many statements."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from features.models import AccessToken, Change
from partners.models import MetaApp
from tests.admin_rows import signed_in, superuser
from tests.factories import BusinessFactory, EntryPointFactory, LaunchLinkFactory, MembershipFactory
from tests.golive.diagnosis.scene import Scene
from webhooks.models import DeliveredNotice


def statements(scene: Scene) -> int:
    """How many statements the page takes, once the session is there."""
    scene.page()
    with CaptureQueriesContext(connection) as taken:
        assert scene.page().status_code == 200
    return len(taken)


def test_the_number_of_statements_does_not_grow_with_the_data(scene: Scene) -> None:
    scene.comes_in()
    few = statements(scene)
    for _ in range(5):
        scene.goes_through("LEAD_ADS")
        scene.happens(add=["page_cta", "catalog", "pixel"])
    scene.hears_from_meta()
    LaunchLinkFactory.create_batch(30, business=scene.business)
    EntryPointFactory.create_batch(10, meta_app=scene.app)
    assert DeliveredNotice.objects.count() > 1 and Change.objects.count() > 5
    assert statements(scene) == few


def test_nor_does_it_grow_for_a_business_that_has_not_come(scene: Scene) -> None:
    scene.business.domain = ""
    scene.business.save()
    scene.button("ECOMMERCE", "CHECKBOX_PLUGIN")
    few = statements(scene)
    LaunchLinkFactory.create_batch(30, business=scene.business)
    EntryPointFactory.create_batch(10, meta_app=scene.app)
    assert statements(scene) == few


def test_a_stranger_finds_nothing(scene: Scene) -> None:
    stranger = signed_in(MembershipFactory.create().user)
    assert scene.page(stranger).status_code == 404
    assert scene.page(Client())["Location"].startswith("/admin/login/")
    assert scene.page(signed_in(superuser())).status_code == 200


def test_it_is_only_read(scene: Scene) -> None:
    assert scene.staff.post(reverse("golive-diagnosis", args=[scene.business.pk])).status_code == 405


def test_the_times_are_in_the_viewers_zone(scene: Scene) -> None:
    scene.button()
    scene.invited(expires_at=datetime(2030, 1, 1, 23, 30, tzinfo=UTC))
    assert "Jan. 1, 2030, 23:30" in scene.page().content.decode()
    scene.staff.cookies["time_zone"] = "Asia/Hong_Kong"
    assert "Jan. 2, 2030, 07:30" in scene.page().content.decode()


@pytest.mark.parametrize("name", ["partners_business", "features_installation"])
def test_the_pages_of_business_and_installation_lead_to_it(scene: Scene, name: str) -> None:
    row = scene.comes_in()
    pk = row.pk if name == "features_installation" else scene.business.pk
    content = scene.staff.get(reverse(f"admin:{name}_change", args=[pk])).content.decode()
    assert reverse("golive-diagnosis", args=[scene.business.pk]) in content


def test_the_cockpits_lists_lead_to_it(scene: Scene) -> None:
    scene.comes_in()
    content = scene.staff.get(reverse("golive-cockpit-businesses", args=[scene.app.pk, "v3"])).content.decode()
    assert reverse("golive-diagnosis", args=[scene.business.pk]) in content


def test_a_partner_without_an_app_is_told_so(scene: Scene) -> None:
    scene.business = BusinessFactory.create()
    owner = signed_in(MembershipFactory.create(partner=scene.business.partner).user)
    assert not MetaApp.objects.filter(partner=scene.business.partner).exists()
    content = scene.page(owner).content.decode()
    assert "The partner has no Meta app yet" in content
    assert reverse("admin:partners_metaapp_add") in content


def test_no_secret_is_on_the_page(scene: Scene) -> None:
    scene.comes_in()
    secrets = {scene.app.secret, scene.app.verify_token, *(each.secret for each in AccessToken.objects.all())}
    content = scene.page().content.decode()
    assert len(secrets) > 2 and not [each for each in secrets if each in content]
