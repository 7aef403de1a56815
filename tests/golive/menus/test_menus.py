"""People confirm that a feature menu offers what is meant to be offered, with a picture, until that changes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from golive.menus.models import MenuConfirmation
from golive.menus.states import MenuState, menu_states, standings
from mbe.catalog import FEATURE_TYPES
from onboarding.models import EntryPoint
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import EntryPointFactory, MembershipFactory, MetaAppFactory

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 20
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "


@pytest.fixture
def button() -> EntryPoint:
    row: EntryPoint = EntryPointFactory.create()
    return row


@pytest.fixture
def app(button: EntryPoint) -> MetaApp:
    return button.meta_app


@pytest.fixture
def member(app: MetaApp) -> Client:
    return signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)


def address_of(app: MetaApp) -> str:
    """The page of the app's menus."""
    return reverse("golive-menus", args=[app.pk])


def state_of(app: MetaApp, vertical: str = "APPOINTMENTS") -> MenuState:
    """How the vertical's menu stands."""
    return next(each for each in menu_states(app) if each.vertical == vertical)


def confirm(member: Client, app: MetaApp, picture: bytes = PNG, **given: str) -> HttpResponse:
    """Send the form of the first menu as the page shows it."""
    offer = standings(app)[0].offer
    file = SimpleUploadedFile("menu.png", picture, content_type="image/png")
    sent = {"vertical": offer.vertical, "seen": offer.fingerprint, "note": "all there", "picture": file} | given
    answer: HttpResponse = member.post(address_of(app), sent)  # type: ignore[assignment]
    return answer


def test_a_menu_is_red_until_somebody_confirms_it(app: MetaApp, member: Client) -> None:
    before = state_of(app)
    assert (before.is_green, before.reason, before.confirmed_at) == (False, "never_confirmed", None)
    assert FEATURE_TYPES["page_cta"].label.en in member.get(address_of(app)).content.decode()
    assert confirm(member, app).status_code == 302
    after = state_of(app)
    assert after.is_green and after.reason == "" and after.confirmed_at
    assert after.confirmed_by == member.get(address_of(app)).wsgi_request.user.get_username()
    assert AuditEntry.objects.filter(action=Action.CONFIRMED, object_type="menus.menuconfirmation").count() == 1


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")])
def test_the_picture_is_sent_as_what_it_is_and_runs_nothing(
    app: MetaApp, member: Client, content: bytes, kind: str
) -> None:
    confirm(member, app, content)
    answer = member.get(reverse("golive-menu-picture", args=[MenuConfirmation.objects.get().pk]))
    assert (answer.content, answer["Content-Type"], answer["X-Content-Type-Options"]) == (content, kind, "nosniff")
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG"),
        (b"GIF89a" + b"0" * 20, "no PNG"),
        (PNG + b"0" * (2 * 1024 * 1024), "larger than 2 MiB"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused_with_the_reason(
    app: MetaApp, member: Client, content: bytes, word: str
) -> None:
    answer = confirm(member, app, content)
    assert answer.status_code == 400 and word in answer.content.decode()
    assert not MenuConfirmation.objects.exists() and not state_of(app).is_green


def test_a_confirmation_ends_when_the_features_offered_change(app: MetaApp, member: Client) -> None:
    confirm(member, app)
    app.features = [each for each in app.features if each != "messenger_chat"]
    app.save()
    assert state_of(app).reason == "features_changed" and not state_of(app).is_green
    page = member.get(address_of(app)).content.decode()
    assert "Went since:" in page
    confirm(member, app)
    assert state_of(app).is_green and MenuConfirmation.objects.count() == 2


def test_a_confirmation_ends_when_an_entry_point_leads_elsewhere_but_not_when_it_is_renamed(
    button: EntryPoint, app: MetaApp, member: Client
) -> None:
    confirm(member, app)
    EntryPoint.objects.filter(pk=button.pk).update(label="Renamed", slug="renamed")
    assert state_of(app).is_green
    EntryPoint.objects.filter(pk=button.pk).update(intent="")
    assert state_of(app).reason == "features_changed"


def test_each_vertical_is_confirmed_by_itself_and_one_without_features_cannot_be(app: MetaApp, member: Client) -> None:
    confirm(member, app)
    EntryPointFactory.create(meta_app=app, vertical="LEAD_ADS", intent="")
    EntryPointFactory.create(meta_app=app, vertical="CREATIVE", intent="", is_active=False)
    assert {each.vertical: each.is_green for each in menu_states(app)} == {"APPOINTMENTS": True, "LEAD_ADS": False}
    app.features = ["page_cta"]
    app.save()
    assert state_of(app, "LEAD_ADS").reason == "nothing_offered"
    seen = next(each.offer.fingerprint for each in standings(app) if each.offer.vertical == "LEAD_ADS")
    assert confirm(member, app, vertical="LEAD_ADS", seen=seen).status_code == 400


def test_what_changed_since_the_page_was_read_is_not_confirmed(app: MetaApp, member: Client) -> None:
    seen = standings(app)[0].offer.fingerprint
    app.features = [each for each in app.features if each != "messenger_chat"]
    app.save()
    answer = confirm(member, app, seen=seen)
    assert answer.status_code == 400 and "has changed meanwhile" in answer.content.decode()
    assert not MenuConfirmation.objects.exists()


def test_a_confirmation_is_taken_back_once_and_stays_in_the_history(app: MetaApp, member: Client) -> None:
    confirm(member, app)
    row = MenuConfirmation.objects.get()
    question = member.post(address_of(app), {"withdraw": str(row.pk)})
    assert "Do you want to take it back?" in question.content.decode() and state_of(app).is_green
    for _again in range(2):
        answer = member.post(address_of(app), {"withdraw": str(row.pk), "sure": "yes"})
        assert answer.status_code == 302
    assert state_of(app).reason == "withdrawn" and state_of(app).confirmed_at == row.confirmed_at
    assert "Taken back on" in member.get(address_of(app)).content.decode()
    assert AuditEntry.objects.filter(object_type="menus.menuconfirmation", action=Action.CHANGED).count() == 1


def test_what_cannot_be_taken_back_is_not_asked_about(app: MetaApp, member: Client) -> None:
    confirm(member, app)
    other = EntryPointFactory.create()
    stranger = signed_in(MembershipFactory.create(partner=other.partner).user)
    theirs = str(MenuConfirmation.objects.get().pk)
    for number in (theirs, "0", "x", "9" * 30):
        assert stranger.post(address_of(other.meta_app), {"withdraw": number}).status_code == 302
    assert state_of(app).is_green


def test_an_app_without_entry_points_has_no_menus_and_says_how_to_add_one() -> None:
    app = MetaAppFactory.create()
    client = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    assert menu_states(app) == []
    assert reverse("admin:onboarding_entrypoint_add") in client.get(address_of(app)).content.decode()


def test_a_viewer_sees_menus_and_confirms_none_and_a_stranger_sees_no_picture(app: MetaApp, member: Client) -> None:
    confirm(member, app)
    viewer = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    assert "Confirm that the menu" not in viewer.get(address_of(app)).content.decode()
    assert confirm(viewer, app).status_code == 403
    stranger = signed_in(MembershipFactory.create().user)
    assert stranger.get(reverse("golive-menu-picture", args=[MenuConfirmation.objects.get().pk])).status_code == 404
