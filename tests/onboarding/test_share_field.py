"""The form's off, on and share; and the arm of one business on its page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onboarding.models import ArmOverride, EntryPoint
from partners.audit.models import AuditEntry
from partners.models import Business, MetaApp, Role
from tests.admin_rows import page, signed_in
from tests.factories import EntryPointFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(app: MetaApp) -> Client:
    """The browser of a member of the app's partner."""
    return signed_in(MembershipFactory.create(partner=app.partner).user)


def _save(member: Client, entry_point: EntryPoint, **share: str) -> Any:
    form = {"meta_app": entry_point.meta_app_id, "slug": entry_point.slug, "vertical": entry_point.vertical}
    named = {f"minimal_onboarding_percent_{name}": value for name, value in share.items()}
    return member.post(page("onboarding_entrypoint", entry_point), form | named | {"is_active": "on"})


@pytest.mark.parametrize(
    ("share", "percent"),
    [
        ({"menu": "all", "percent": ""}, 100),
        ({"menu": "all", "percent": "7"}, 100),
        ({"menu": "none", "percent": "-5"}, 0),
        ({"menu": "none"}, 0),
        ({"menu": "share", "percent": "1"}, 1),
        ({"menu": "share", "percent": "99"}, 99),
    ],
)
def test_on_off_and_share_are_a_percentage(member: Client, app: MetaApp, share: dict[str, str], percent: int) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, minimal_onboarding_percent=40)
    assert _save(member, entry_point, **share).status_code == 302
    entry_point.refresh_from_db()
    assert (entry_point.minimal_onboarding_percent, entry_point.previous_percent) == (percent, 40)
    assert AuditEntry.objects.latest("pk").changes["minimal_onboarding_percent"] == [40, percent]


@pytest.mark.parametrize(
    "share",
    [{}, {"menu": "some"}, {"menu": "share"}, {"menu": "share", "percent": "0"}, {"menu": "share", "percent": "x"}],
)
def test_a_share_without_a_number_from_1_to_99_is_refused(member: Client, app: MetaApp, share: dict[str, str]) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, minimal_onboarding_percent=40)
    answer = _save(member, entry_point, **share)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["minimal_onboarding_percent"]
    entry_point.refresh_from_db()
    assert (entry_point.minimal_onboarding_percent, entry_point.previous_percent) == (40, None)


@pytest.mark.parametrize(("percent", "value"), [(100, "all"), (0, "none"), (30, "share")])
def test_the_form_shows_what_is_set(member: Client, app: MetaApp, percent: int, value: str) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, minimal_onboarding_percent=percent)
    answer = member.get(page("onboarding_entrypoint", entry_point))
    menu, number = answer.context["adminform"].form["minimal_onboarding_percent"].field.widget.decompress(percent)
    assert (menu, number) == (value, percent if value == "share" else None)
    lines = answer.content.decode().split("<input")
    checked = [line for line in lines if 'name="minimal_onboarding_percent_menu"' in line and "checked" in line]
    assert [f'value="{value}"' in line for line in checked] == [True]


def test_saving_again_without_a_change_keeps_the_way_back(member: Client, app: MetaApp) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, minimal_onboarding_percent=30, previous_percent=10)
    assert _save(member, entry_point, menu="share", percent="30").status_code == 302
    entry_point.refresh_from_db()
    assert (entry_point.minimal_onboarding_percent, entry_point.previous_percent) == (30, 10)


def _rows(business: Business, *rows: dict[str, str]) -> dict[str, str]:
    form = {"name": business.name, "timezone": "UTC", "currency": "USD", "domain": business.domain}
    form |= {"arm_overrides-TOTAL_FORMS": str(len(rows)), "arm_overrides-MIN_NUM_FORMS": "0"}
    form |= {"arm_overrides-INITIAL_FORMS": str(sum("id" in row for row in rows))}
    for number, row in enumerate(rows):
        fields = {"business": str(business.pk), **row}
        form |= {f"arm_overrides-{number}-{name}": value for name, value in fields.items()}
    return form


def test_the_arm_is_chosen_on_the_businesss_page(member: Client, app: MetaApp, business: Business) -> None:
    entry_point, address = EntryPointFactory.create(meta_app=app), page("partners_business", business)
    chosen = {"entry_point": str(entry_point.pk), "use_minimal_onboarding": "on"}
    assert member.post(address, _rows(business, chosen)).status_code == 302
    row = ArmOverride.objects.get()
    assert (row.partner, row.business, row.use_minimal_onboarding) == (app.partner, business, True)
    assert AuditEntry.objects.filter(object_type="onboarding.armoverride", action="added").exists()
    shown = member.get(address).content.decode()
    rollout = reverse("golive-rollout", args=[entry_point.pk])
    assert f"{rollout}?business={business.external_business_id}" in shown
    gone = {**chosen, "id": str(row.pk), "DELETE": "on"}
    assert member.post(address, _rows(business, gone)).status_code == 302
    assert not ArmOverride.objects.exists()


def test_neither_a_strangers_entry_point_nor_a_second_arm_is_taken(
    member: Client, app: MetaApp, business: Business
) -> None:
    mine, strange = EntryPointFactory.create(meta_app=app), EntryPointFactory.create(slug="strange")
    address = page("partners_business", business)
    assert strange.slug not in member.get(address).content.decode()
    assert member.post(address, _rows(business, {"entry_point": str(strange.pk)})).status_code == 200
    twice = [{"entry_point": str(mine.pk)}, {"entry_point": str(mine.pk), "use_minimal_onboarding": "on"}]
    assert member.post(address, _rows(business, *twice)).status_code == 200
    assert not ArmOverride.objects.exists()


def test_a_viewer_chooses_no_arm(app: MetaApp, business: Business) -> None:
    viewer = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    entry_point = EntryPointFactory.create(meta_app=app)
    rows = _rows(business, {"entry_point": str(entry_point.pk)})
    assert viewer.post(page("partners_business", business), rows).status_code == 403
    assert not ArmOverride.objects.exists()
