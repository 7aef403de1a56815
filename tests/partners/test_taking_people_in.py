"""Platform staff take people in, on the pages of partners and of people."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.admin_rows import Tenant, page, signed_in, superuser, tenant_with_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Tenant:
    """The partner that somebody works for."""
    return tenant_with_everything()


def test_platform_staff_take_a_person_in(owner: Tenant) -> None:
    data = {
        "username": "newcomer",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "is_staff": "on",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-partner": owner.partner.pk,
        "memberships-0-role": "manager",
        "memberships-0-is_active": "on",
    }
    assert signed_in(superuser()).post(reverse("admin:auth_user_add"), data).status_code == 302
    newcomer = User.objects.get(username="newcomer")
    assert newcomer.is_staff
    assert newcomer.check_password("correct horse battery")
    assert signed_in(newcomer).get(page("partners_business", owner.rows["partners_business"])).status_code == 200


def test_platform_staff_change_a_member_on_the_members_own_page_only(owner: Tenant) -> None:
    client, row = signed_in(superuser()), owner.rows["partners_membership"]
    change = {
        "name": "Renamed",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": row.pk,
        "memberships-0-partner": owner.partner.pk,
        "memberships-0-user": owner.member.pk,
        "memberships-0-role": "viewer",
        "memberships-0-DELETE": "on",
    }
    shown = client.get(page("partners_partner", owner.partner)).content.decode()
    assert page("partners_membership", row) in shown
    assert client.post(page("partners_partner", owner.partner), change).status_code in (200, 302)
    assert owner.member.memberships.get().role == "owner"
