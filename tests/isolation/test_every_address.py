"""Everybody visits every address that the resolver knows, and is answered as the tables say."""

import logging
from collections.abc import Iterator

import pytest

from tests.admin_rows import signed_in, superuser
from tests.isolation.addresses import addresses, kind_of
from tests.isolation.expected_reads import READS
from tests.isolation.expected_writes import WRITES
from tests.isolation.outcomes import outcomes, wrong
from tests.isolation.people import OTHER_MARK, OWN_MARK, PEOPLE, inactive, looking_at, of_both, pending, world
from tests.isolation.visits import Visitor

pytestmark = pytest.mark.django_db

FRONT = "/"
# Of which no page may show anything; platform staff see both, and anonymous visitors whatever a link opens.
HIDDEN = {"viewer": OTHER_MARK, "manager": OTHER_MARK, "owner": OTHER_MARK, "stranger": OWN_MARK}
# Pages without a partner's rows, for everybody who has a session.
OPEN_TO_SESSIONS = {"admin/login/", "admin/logout/", "admin/jsi18n/"}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refusal would be a traceback in the log, which takes longer than the visit."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def rows() -> list[str]:
    """The addresses as the tables name them."""
    return [each or FRONT for each in addresses()]


def reads_of(visitor: Visitor, only: set[str]) -> dict[str, str]:
    """What GETs of these addresses are answered."""
    return {each: visitor.read(each) for each in sorted(only)}


def writes_of(visitor: Visitor, only: set[str]) -> dict[str, str]:
    """What POSTs to these addresses are answered."""
    return {each: visitor.write(each) for each in sorted(only)}


def of_staff() -> set[str]:
    """The addresses that only somebody who is signed in, and somebody, may open."""
    return {
        address
        for address, row in outcomes(READS).items()
        if row["anonymous"] == "login" and address.startswith("admin/") and address not in OPEN_TO_SESSIONS
    }


def with_rows() -> set[str]:
    """The addresses of one row."""
    return {each for each in of_staff() if kind_of(each) and "<" in each}


@pytest.mark.parametrize("table", [READS, WRITES], ids=["reads", "writes"])
def test_every_address_has_its_row_and_every_row_its_address(table: str) -> None:
    assert sorted(outcomes(table)) == sorted(rows())


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_is_answered_as_the_tables_say(person: str) -> None:
    place = world()
    visitor = Visitor(place, place.browser_of(person), HIDDEN.get(person, ""))
    assert wrong(outcomes(READS), person, {each or FRONT: visitor.read(each) for each in addresses()}) == {}
    assert wrong(outcomes(WRITES), person, {each or FRONT: visitor.write(each) for each in addresses()}) == {}
    assert visitor.is_all_as_before()


def test_the_tables_keep_to_the_roles() -> None:
    """Said once more in general, so that a table that is copied from what happens cannot say anything."""
    for address, row in outcomes(WRITES).items():
        if address.startswith(("admin/", "account/")):
            assert "!" not in row["anonymous"] + row["viewer"] + row["stranger"], address
        if any(each in address for each in ("/metaapp/", "/membership/", "/invitation/", "/audit/", "/auth/")):
            assert not set("!~*") & set(row["manager"]), address
        if "/auth/" in address or address == "admin/partners/partner/add/":
            assert not set("!~*") & set(row["owner"]), address
    for address, row in {**outcomes(READS), **outcomes(WRITES)}.items():
        if kind_of(address) and "<" in address and not address.endswith("_id>/"):
            assert row["stranger"] in ("404", "403"), address


def test_who_is_no_longer_a_member_opens_nothing() -> None:
    place = world()
    visitor = Visitor(place, inactive(place))
    for found in (reads_of(visitor, of_staff()), writes_of(visitor, of_staff())):
        assert set(found.values()) == {"login"}


def test_who_has_not_shown_the_second_factor_opens_nothing() -> None:
    place = world()
    visitor = Visitor(place, pending(place))
    for found in (reads_of(visitor, of_staff()), writes_of(visitor, of_staff())):
        assert set(found.values()) == {"verify"}


def test_who_belongs_to_both_sees_the_one_in_view() -> None:
    place = world()
    # The choice of partners names both.
    visitor = Visitor(place, of_both(place, looks_at=place.other), f"{OWN_MARK}-")
    as_stranger = {each: row["stranger"] for each, row in outcomes(READS).items() if each in with_rows()}
    assert reads_of(visitor, with_rows()) == as_stranger
    assert not [each for each, came in writes_of(visitor, with_rows()).items() if "!" in came]
    visitor = Visitor(place, of_both(place, looks_at=place.own), f"{OTHER_MARK}-")
    as_owner = {each: row["owner"] for each, row in outcomes(READS).items() if each in with_rows()}
    assert reads_of(visitor, with_rows()) == as_owner


def test_platform_staff_who_look_at_one_partner_see_no_row_of_another() -> None:
    place = world()
    visitor = Visitor(place, looking_at(signed_in(superuser()), place.other), OWN_MARK)
    of_partners = {each for each in with_rows() if kind_of(each) != "auth_user" and not each.endswith("_id>/")}
    assert set(reads_of(visitor, of_partners).values()) <= {"404", "403"}
    assert set(writes_of(visitor, of_partners).values()) <= {"404", "403"}


def test_a_partner_that_one_does_not_belong_to_cannot_be_put_in_view() -> None:
    place = world()
    client = place.browser_of("stranger")
    assert client.post("/account/partner-in-view/", {"partner": place.own.partner.pk}).status_code == 404
    # Nor does a session that says so help, such as that of somebody who was a member.
    looking_at(client, place.own)
    address = "admin/partners/business/<object_id>/change/"
    assert Visitor(place, client, OWN_MARK).read(address) == "302", "to the own partner's first page"
    client.get("/admin/")
    assert Visitor(place, client, OWN_MARK).read(address) == "404"


def test_switching_the_partner_in_view_works_at_once() -> None:
    place = world()
    client = of_both(place, looks_at=place.own)
    business = place.own.rows["partners_business"].pk
    for tenant, status in ((place.other, 404), (place.own, 200)):
        assert client.post("/account/partner-in-view/", {"partner": tenant.partner.pk}).status_code == 302
        assert client.get(f"/admin/partners/business/{business}/change/").status_code == status


def test_other_methods_change_no_more_than_a_get() -> None:
    place = world()
    visitor = Visitor(place, place.browser_of("owner"))
    expected = outcomes(READS)
    for address in sorted(with_rows()):
        for method in ("put", "patch", "delete"):
            assert visitor.visit(method, address) in ("405", expected[address]["owner"]), (method, address)
