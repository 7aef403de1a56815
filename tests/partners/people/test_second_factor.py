"""A second factor, once set up, is asked for everywhere; a partner may ask everybody for one."""

import re
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_otp.oath import TOTP

from partners.audit.models import Action, AuditEntry
from partners.models import Membership
from partners.people.models import Authenticator, RecoveryCode
from partners.people.second_factor import begin, confirm, prove
from tests.admin_rows import page, signed_in
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

VERIFY = reverse("people:verify")
SET_UP = reverse("people:set_up")
INDEX = reverse("admin:index")
OWN_PAGE = reverse("people:second_factor")


@pytest.fixture
def member() -> Membership:
    """Somebody with a password alone."""
    return MembershipFactory.create()


def code_of(authenticator: Authenticator, steps: int = 0) -> str:
    """What the app shows now, or some steps from now."""
    totp = TOTP(authenticator.key)
    totp.time = timezone.now().timestamp() + 30 * steps
    return f"{totp.token():06}"


def with_factor(user: User) -> tuple[Authenticator, list[str]]:
    """Give a person a second factor; its last code is of the step before this one."""
    authenticator = begin(user)
    proof, codes = confirm(authenticator, code_of(authenticator, -1))
    assert proof.is_right
    return proof.authenticator, codes


def forget_waiting(authenticator: Authenticator) -> None:
    """Let the next code be looked at now."""
    Authenticator.objects.filter(pk=authenticator.pk).update(throttling_failure_timestamp=None)


def test_it_is_set_up_with_a_code_and_recovery_codes_are_shown_once(member: Membership) -> None:
    client = signed_in(member.user)
    assert client.post(OWN_PAGE).url == SET_UP  # type: ignore[attr-defined]
    picture = client.get(reverse("people:qr_code"))
    assert picture["Content-Type"] == "image/svg+xml" and "no-store" in picture["Cache-Control"]
    authenticator = Authenticator.objects.get()
    answer = client.post(SET_UP, {"code": code_of(authenticator)})
    codes = re.findall(r"<code>([A-Z2-7-]{19})</code>", answer.content.decode())
    assert reverse("set_language") not in answer.content.decode(), "in another language they would be gone"
    assert len(set(codes)) == 10 and "no-store" in answer["Cache-Control"]
    assert client.get(INDEX).status_code == 200
    assert client.get(reverse("people:qr_code")).status_code == 404
    assert client.get(SET_UP).status_code == 302
    assert AuditEntry.objects.get(action=Action.SECOND_FACTOR_SET_UP).partner_id == member.partner_id


def test_the_key_and_the_recovery_codes_are_not_kept_in_the_clear(member: Membership) -> None:
    authenticator, codes = with_factor(member.user)
    assert authenticator.key not in bytes(authenticator.sealed_key)
    kept = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert len(kept) == 10 and not kept & {*codes, *(each.replace("-", "") for each in codes)}


def test_a_wrong_code_sets_nothing_up(member: Membership) -> None:
    client = signed_in(member.user)
    client.post(OWN_PAGE)
    assert "not right" in client.post(SET_UP, {"code": "12345x"}).content.decode()
    assert not Authenticator.objects.get().confirmed


def test_after_the_password_there_is_nothing_but_the_code(member: Membership) -> None:
    authenticator, _codes = with_factor(member.user)
    client = signed_in(member.user)
    wanted = page("partners_partner", member.partner)
    answer = client.get(wanted)
    assert answer.url == f"{VERIFY}?next={wanted.replace('/', '%2F')}"  # type: ignore[attr-defined]
    done = client.post(VERIFY, {"code": code_of(authenticator), "next": wanted})
    assert done.url == wanted and client.get(wanted).status_code == 200  # type: ignore[attr-defined]


def test_the_way_on_never_leads_elsewhere(member: Membership) -> None:
    authenticator, _codes = with_factor(member.user)
    done = signed_in(member.user).post(VERIFY, {"code": code_of(authenticator), "next": "https://evil.example/"})
    assert done.url == INDEX  # type: ignore[attr-defined]


def _names(patterns: list[URLPattern | URLResolver], space: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for each in patterns:
        if isinstance(each, URLResolver):
            found += _names(each.url_patterns, space or each.app_name or "")
        else:
            found.append((space, each))
    return found


def _address(space: str, pattern: URLPattern) -> str:
    names = {*pattern.pattern.converters, *pattern.pattern.regex.groupindex}
    values = {name: "partners" if name == "app_label" else "1" for name in names}
    return reverse(f"{space}:{pattern.name}" if space else str(pattern.name), kwargs=values)


def _is_guarded(space: str, pattern: URLPattern) -> bool:
    return space in ("admin", "people") or (not space and str(pattern.name).startswith("golive-"))


def test_no_page_of_the_admin_or_of_people_escapes(member: Membership) -> None:
    with_factor(member.user)
    client = signed_in(member.user)
    patterns = [found for found in _names(get_resolver().url_patterns) if _is_guarded(*found)]
    assert len(patterns) > 80
    addresses = {_address(space, each): f"{space}:{each.name}" for space, each in patterns if each.name}
    open_pages = {name for address, name in addresses.items() if not _is_held(client, address)}
    assert open_pages == {
        "admin:login",
        "admin:logout",
        "admin:jsi18n",
        "people:verify",
        "people:invitation_link",
        "people:invitation",
        "people:reset_ask",
        "people:reset_asked",
        "people:reset_link",
        "people:reset_done",
    }
    assert _is_held(client, "/admin/no/such/page/") and _is_held(client, "/admin/x")


def _is_held(client: Client, address: str) -> bool:
    if address == reverse("admin:logout"):
        return False
    answers = [client.get(address), client.post(address)]
    return all(each.status_code == 302 and each["Location"].startswith(VERIFY) for each in answers)


def test_a_code_opens_once_and_the_neighbouring_steps_count(member: Membership) -> None:
    authenticator, _codes = with_factor(member.user)
    now = code_of(authenticator)
    assert prove(authenticator, now).is_right
    assert not prove(authenticator, now).is_right
    forget_waiting(authenticator)
    assert prove(authenticator, code_of(authenticator, 1)).is_right
    assert not prove(authenticator, code_of(authenticator, 3)).is_right


def test_a_recovery_code_opens_once_however_it_is_written(member: Membership) -> None:
    authenticator, codes = with_factor(member.user)
    client = signed_in(member.user)
    assert client.post(VERIFY, {"code": codes[0].replace("-", " ").lower()}).url == INDEX  # type: ignore[attr-defined]
    assert not prove(authenticator, codes[0]).is_right
    forget_waiting(authenticator)
    assert prove(authenticator, codes[1]).is_right


def test_wrong_codes_make_the_next_wait(member: Membership) -> None:
    authenticator, _codes = with_factor(member.user)
    client = signed_in(member.user)
    for _each in range(2):
        answer = client.post(VERIFY, {"code": "000000"})
    assert "wait" in answer.content.decode()
    assert not prove(authenticator, code_of(authenticator)).is_right


@pytest.mark.django_db(transaction=True)
def test_one_code_sent_many_times_at_once_opens_once() -> None:
    member = MembershipFactory.create()
    authenticator, codes = with_factor(member.user)
    start, right = Barrier(6), []

    def send(code: str) -> None:
        try:
            start.wait()
            right.append(prove(authenticator, code).is_right)
        finally:
            connection.close()

    code = code_of(authenticator)
    threads = [Thread(target=send, args=[each]) for each in [code] * 6]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(right) == [False] * 5 + [True] and codes


def test_it_is_removed_with_the_password(member: Membership) -> None:
    authenticator, codes = with_factor(member.user)
    client = signed_in(member.user)
    client.post(VERIFY, {"code": codes[0]})
    remove = reverse("people:remove_second_factor")
    assert "not your password" in client.post(remove, {"password": "wrong"}).content.decode()
    assert client.post(remove, {"password": "correct horse battery"}).status_code == 302
    assert not Authenticator.objects.filter(pk=authenticator.pk).exists()
    assert client.get(INDEX).status_code == 200


def test_an_owner_removes_a_colleagues(member: Membership) -> None:
    colleague = MembershipFactory.create(partner=member.partner)
    with_factor(colleague.user)
    shown = signed_in(member.user).get(reverse("admin:partners_membership_changelist")).content.decode()
    assert ">yes<" in shown and ">no<" in shown
    address = reverse("people:member_remove_second_factor", args=[colleague.pk])
    signed_in(member.user).post(address)
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.get(action=Action.SECOND_FACTOR_REMOVED).partner_id == member.partner_id


def test_only_who_has_one_may_ask_others_for_one(member: Membership) -> None:
    address, data = page("partners_partner", member.partner), {"name": "P", "requires_second_factor": "on"}
    client = signed_in(member.user)
    assert "Set up your own second factor first" in client.post(address, data).content.decode()
    _authenticator, codes = with_factor(member.user)
    client.post(VERIFY, {"code": codes[0]})
    assert client.post(address, data).status_code == 302
    member.partner.refresh_from_db()
    assert member.partner.requires_second_factor


def test_no_manager_asks_for_one(member: Membership) -> None:
    manager = MembershipFactory.create(partner=member.partner, role="manager")
    _authenticator, codes = with_factor(manager.user)
    client = signed_in(manager.user)
    client.post(VERIFY, {"code": codes[0]})
    data = {"name": "P", "requires_second_factor": "on"}
    assert client.post(page("partners_partner", member.partner), data).status_code == 403


def test_a_partner_that_asks_for_one_shows_nothing_before_and_others_stay_reachable(member: Membership) -> None:
    other = MembershipFactory.create(user=member.user)
    member.partner.requires_second_factor = True
    member.partner.save()
    client = signed_in(member.user)
    for address in (INDEX, page("partners_partner", member.partner), reverse("people:member_reset_link", args=[1])):
        assert client.get(address).url == OWN_PAGE  # type: ignore[attr-defined]
    shown = client.get(OWN_PAGE).content.decode()
    assert "asks everybody for a second factor" in shown and str(other.partner) in shown
    client.post(reverse("people:look_at"), {"partner": other.partner_id})
    assert client.get(INDEX).status_code == 200
    client.post(reverse("people:look_at"), {"partner": member.partner_id})
    client.post(OWN_PAGE)
    client.post(SET_UP, {"code": code_of(Authenticator.objects.get())})
    assert client.get(INDEX).status_code == 200
