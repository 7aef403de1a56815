"""Businesses with several tokens: one that dies late, one that no key opens, one that did not show the business."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.activation import pixel_checks
from features.installation_sections import tokens_section
from features.models import AccessToken, Cause, Feature, Installation
from features.sync import drain
from features.token_models import LAST_FOR
from features.tokens import ReceivedToken, alive_tokens_of, keep, put_last
from mbe.errors import NotVisible
from partners.tenancy import tenant
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db(transaction=True)


def with_a_spare_that_no_key_opens(meta: Meta) -> Installation:
    """A connected business with a good token and one that cannot be read."""
    meta.turn(refuse_system_user_token=True)
    installation = meta.installation("shop-1", "pixel")
    drain()
    keep([ReceivedToken(installation, "another")])
    newest = AccessToken.objects.latest("pk")
    AccessToken.objects.filter(pk=newest.pk).update(sealed=b"what no key opens")
    return installation


@pytest.mark.parametrize("cause", [Cause.IMPORT, Cause.WEBHOOK])
def test_a_token_that_is_dead_for_the_configuration_of_a_batch_is_used_once(meta: Meta, cause: Cause) -> None:
    meta.turn(refuse_system_user_token=True)
    names = [f"shop-{number}" for number in range(40)]
    for name in names:
        meta.installation(name, "pixel")
    drain()
    for each in Installation.objects.all():
        hint(each, cause)
    faults = [
        {"kind": "dead_token", "path": "configuration", "external_business_id": name, "count": 20} for name in names[:2]
    ]
    meta.turn(fail_next=faults)
    drain()
    assert AccessToken.objects.exclude(dead_at=None).count() == 2
    assert Installation.objects.filter(state="reconnect").count() == 2
    assert meta.counters()["operations"]["configuration"] == 2 * len(names)


@pytest.mark.parametrize(("says_uninstall", "state"), [(True, "disconnected"), (False, "reconnect")])
def test_a_token_that_no_key_opens_hides_nothing_that_meta_says(meta: Meta, says_uninstall: bool, state: str) -> None:
    installation = with_a_spare_that_no_key_opens(meta)
    meta.fail("not_visible", path="installs", external_business_id="shop-1")
    hint(installation, says_uninstall=says_uninstall)
    drain()
    installation.refresh_from_db()
    assert installation.state == state


def test_a_key_that_is_gone_is_waited_for_where_no_token_can_be_read(meta: Meta) -> None:
    installation = with_a_spare_that_no_key_opens(meta)
    AccessToken.objects.update(sealed=b"what no key opens")
    hint(installation)
    drain()
    installation.refresh_from_db()
    assert (installation.state, installation.wait) == ("connected", "backoff")
    assert "ENCRYPTION_KEYS" in installation.last_error


def test_a_token_that_does_not_show_a_pixel_may_show_the_business(meta: Meta) -> None:
    installation = meta.installation("shop-1", "pixel")
    drain()
    before = [each.pk for each in alive_tokens_of(installation.pk)]
    feature = Feature.objects.select_related("installation__business").get()
    with tenant(installation.partner_id):
        pixel_checks.ask(feature, test_event_code="T1", source_url="https://a.example", asked_by="ada")
    meta.fail("not_visible")
    pixel_checks.send_due()
    assert [each.pk for each in alive_tokens_of(installation.pk)] == before and len(before) == 2
    assert {each.why_last for each in AccessToken.objects.all()} == {""}


def test_a_token_that_did_not_show_the_business_is_tried_first_again_after_a_day(meta: Meta) -> None:
    installation = meta.installation("shop-1", "pixel")
    drain()
    system_user, login = alive_tokens_of(installation.pk)
    put_last({system_user: NotVisible("No such object")})
    assert [each.pk for each in alive_tokens_of(installation.pk)] == [login.pk, system_user.pk]
    long_ago = timezone.now() - LAST_FOR - timedelta(minutes=1)
    AccessToken.objects.filter(pk=system_user.pk).update(not_visible_at=long_ago)
    assert [each.pk for each in alive_tokens_of(installation.pk)] == [system_user.pk, login.pk]


@pytest.mark.parametrize(
    ("kind", "says", "not_said"),
    [
        ("permission", "lacked a permission", "did not show the business"),
        ("not_visible", "did not show the business", "lacked a permission"),
    ],
)
def test_why_a_token_is_tried_last_is_said_as_it_was(meta: Meta, kind: str, says: str, not_said: str) -> None:
    installation = meta.installation("shop-1", "pixel")
    drain()
    system_user, login = alive_tokens_of(installation.pk)
    meta.fail(kind, path="installs")
    hint(installation)
    drain()
    assert [each.pk for each in alive_tokens_of(installation.pk)] == [login.pk, system_user.pk]
    system_user.refresh_from_db()
    assert says in system_user.why_last and not_said not in system_user.why_last
    assert ("(#10)" in system_user.why_last) == (kind == "permission")
    shown = tokens_section(installation)
    assert f"tried last: {says}" in shown and not_said not in shown
    AccessToken.objects.update(not_visible_at=None, permission_missing_at=timezone.now() - LAST_FOR)
    assert "tried last" not in tokens_section(installation)
