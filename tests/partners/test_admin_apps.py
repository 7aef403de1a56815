"""Meta apps in the admin: secrets go in and never come out."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import MetaApp
from partners.viewing import IN_VIEW
from tests.admin_rows import page, signed_in, superuser
from tests.factories import MembershipFactory, MetaAppFactory
from webhooks.models import RefusedCount

pytestmark = pytest.mark.django_db

ADD = {
    "app_id": "4711",
    "name": "Live",
    "new_secret": "the-secret",
    "new_verify_token": "the-verify-token",
    "features": ["page_cta", "catalog"],
}


def errors(answer: Any) -> Any:
    """What the form says is wrong."""
    return answer.context["adminform"].form.errors


def test_a_member_of_one_partner_adds_an_app_without_naming_the_partner() -> None:
    member = MembershipFactory.create()
    answer = signed_in(member.user).post(reverse("admin:partners_metaapp_add"), ADD)
    assert answer.status_code == 302
    app = MetaApp.objects.get(app_id="4711")
    assert (app.partner, app.secret, app.verify_token) == (member.partner, "the-secret", "the-verify-token")
    assert app.features == ["page_cta", "catalog"]


def test_a_member_of_several_partners_adds_an_app_to_the_one_in_view() -> None:
    member = MembershipFactory.create()
    second = MembershipFactory.create(user=member.user)
    client = signed_in(member.user)
    session = client.session
    session[IN_VIEW] = second.partner.pk
    session.save()
    client.post(reverse("admin:partners_metaapp_add"), {**ADD, "partner": member.partner.pk})
    assert MetaApp.objects.get().partner == second.partner


def test_a_partner_in_view_that_is_not_the_own_shows_the_own() -> None:
    member = MembershipFactory.create()
    client = signed_in(member.user)
    session = client.session
    session[IN_VIEW] = MembershipFactory.create().partner.pk
    session.save()
    for _request in range(2):
        # The first one may have been meant for the other partner: it is not carried out.
        assert not MetaApp.objects.exists()
        client.post(reverse("admin:partners_metaapp_add"), ADD)
    assert MetaApp.objects.get().partner == member.partner


@pytest.mark.parametrize("missing", ["new_secret", "new_verify_token", "app_id"])
def test_a_new_app_needs_its_secrets(missing: str) -> None:
    client = signed_in(MembershipFactory.create().user)
    assert errors(client.post(reverse("admin:partners_metaapp_add"), {**ADD, missing: ""}))[missing]
    assert not MetaApp.objects.exists()


def test_an_app_id_that_is_taken_is_refused() -> None:
    MetaAppFactory.create(app_id="4711")
    client = signed_in(MembershipFactory.create().user)
    assert errors(client.post(reverse("admin:partners_metaapp_add"), ADD))["app_id"]


def test_empty_secrets_stay_and_typed_ones_replace() -> None:
    app = MetaAppFactory.create(secret="old-secret", verify_token="old-verify-token")
    client = signed_in(MembershipFactory.create(partner=app.partner).user)
    data = {"name": "Renamed", "new_secret": "", "new_verify_token": "newer", "features": ["ads"], "app_id": "999"}
    assert client.post(page("partners_metaapp", app), data).status_code == 302
    app = MetaApp.objects.get(pk=app.pk)
    assert (app.name, app.secret, app.verify_token) == ("Renamed", "old-secret", "newer")
    assert app.app_id != "999"


def test_the_page_shows_what_to_enter_at_meta_and_no_secret() -> None:
    app = MetaAppFactory.create(secret="a-secret-5521", verify_token="a-token-5522")
    RefusedCount.objects.create(
        partner=app.partner, meta_app=app, day=timezone.now().date(), reason="signature", count=37
    )
    content = signed_in(superuser()).get(page("partners_metaapp", app)).content.decode()
    assert f"/webhooks/meta/{app.app_id}/" in content
    assert reverse("return") in content
    assert "<td>37</td>" in content
    assert "5521" not in content
    assert "5522" not in content


def test_a_refused_form_does_not_give_the_secret_back() -> None:
    client = signed_in(MembershipFactory.create().user)
    answer = client.post(reverse("admin:partners_metaapp_add"), {**ADD, "name": ""})
    assert "the-secret" not in answer.content.decode()


def test_an_owner_finds_the_auth_url_and_names_the_sign_in_page() -> None:
    member = MembershipFactory.create()
    app = MetaAppFactory.create(partner=member.partner)
    address = reverse("admin:partners_metaapp_change", args=[app.pk])
    client = signed_in(member.user)
    assert f"/connect/business-app/{app.app_id}/" in client.get(address).content.decode()
    form = {"name": app.name, "features": ["page_cta"]}
    assert "sign_in_url" in errors(client.post(address, form | {"sign_in_url": "http://bookly.example/"}))
    for person in ("user:pw@", "user@", "@", "bookly.example@"):
        assert "sign_in_url" in errors(
            client.post(address, form | {"sign_in_url": f"https://{person}partner.example/"})
        )
    assert client.post(address, form | {"sign_in_url": "https://bookly.example/in"}).status_code == 302
    app.refresh_from_db()
    assert app.sign_in_url == "https://bookly.example/in"


def test_an_owner_says_that_an_app_is_for_testers_only() -> None:
    client = signed_in(MembershipFactory.create().user)
    client.post(reverse("admin:partners_metaapp_add"), ADD | {"is_test": "on"})
    app = MetaApp.objects.get()
    assert app.is_test
    client.post(page("partners_metaapp", app), {"name": app.name, "features": app.features})
    app.refresh_from_db()
    assert not app.is_test
