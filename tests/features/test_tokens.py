"""Which tokens an installation keeps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.models import AccessToken, Installation
from features.tokens import KEPT_OF_A_KIND, ReceivedToken, alive_tokens_of, fingerprint, keep, put_last
from mbe.errors import GraphError, NotVisible, PermissionMissing
from tests.factories import AccessTokenFactory, InstallationFactory

WORDS: dict[str, GraphError] = {"blind": NotVisible("No such object"), "poor": PermissionMissing("Not allowed")}


@pytest.fixture
def installation(db: None) -> Installation:
    """An installation without tokens."""
    return InstallationFactory.create()


def secrets(installation: Installation) -> set[str]:
    """The tokens that are kept."""
    return {each.secret for each in AccessToken.objects.filter(installation=installation)}


def test_the_newest_tokens_of_a_kind_are_kept(installation: Installation) -> None:
    for number in range(5):
        keep([ReceivedToken(installation, f"login-{number}")])
    keep([ReceivedToken(installation, "system", AccessToken.Kind.SYSTEM_USER)])
    assert secrets(installation) == {"login-2", "login-3", "login-4", "system"}


def test_tokens_that_came_long_ago_push_out_no_newer_ones(installation: Installation) -> None:
    keep([ReceivedToken(installation, f"newer-{number}") for number in range(KEPT_OF_A_KIND)])
    long_ago = timezone.now() - timedelta(days=30)
    keep([ReceivedToken(installation, f"older-{number}", received_at=long_ago) for number in range(KEPT_OF_A_KIND)])
    assert secrets(installation) == {f"newer-{number}" for number in range(KEPT_OF_A_KIND)}


def test_a_living_token_is_kept_before_newer_dead_ones(installation: Installation) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    AccessTokenFactory.create(installation=installation, secret="living", received_at=long_ago)
    AccessTokenFactory.create_batch(KEPT_OF_A_KIND, installation=installation, dead_at=timezone.now())
    keep([ReceivedToken(installation, "new")])
    assert {"living", "new"} < secrets(installation) and len(secrets(installation)) == KEPT_OF_A_KIND


def test_tokens_are_tried_in_order_those_that_help_nobody_last(installation: Installation) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    for secret, kind, other in (
        ("no key", "system_user", {}),
        ("newer", "login", {}),
        ("older", "login", {"received_at": long_ago}),
        ("system", "system_user", {"received_at": long_ago}),
        ("blind", "system_user", {}),
        ("poor", "system_user", {}),
    ):
        AccessTokenFactory.create(installation=installation, secret=secret, kind=kind, **other)
    AccessToken.objects.filter(fingerprint=fingerprint("no key")).update(sealed=b"what no key opens")
    for each in alive_tokens_of(installation.pk):
        if each.is_readable and each.secret in WORDS:
            put_last({each: WORDS[each.secret]})
    readable = [each.secret for each in alive_tokens_of(installation.pk) if each.is_readable]
    assert readable[:3] == ["system", "newer", "older"] and set(readable[3:]) == {"blind", "poor"}
    assert not alive_tokens_of(installation.pk)[-1].is_readable


def test_a_token_that_shows_the_business_is_kept_before_newer_ones_that_do_not(installation: Installation) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    keep([ReceivedToken(installation, "shows", received_at=long_ago)])
    for number in range(KEPT_OF_A_KIND):
        keep([ReceivedToken(installation, f"misplaced-{number}")])
        misplaced = [each for each in alive_tokens_of(installation.pk) if each.secret.startswith("misplaced")]
        put_last(dict.fromkeys(misplaced, WORDS["blind"]))
    assert "shows" in secrets(installation) and len(secrets(installation)) == KEPT_OF_A_KIND


def test_of_a_kind_those_that_meta_sent_come_before_those_of_a_file(installation: Installation) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    keep([ReceivedToken(installation, "sent long ago", received_at=long_ago), ReceivedToken(installation, "sent")])
    keep([ReceivedToken(installation, "of an old file", is_imported=True, received_at=long_ago)])
    keep([ReceivedToken(installation, "of a file", is_imported=True)])
    keep([ReceivedToken(installation, "of a file for all", AccessToken.Kind.SYSTEM_USER, is_imported=True)])
    before = [each.secret for each in alive_tokens_of(installation.pk)]
    assert before == ["of a file for all", "sent", "sent long ago", "of a file", "of an old file"]
    keep([ReceivedToken(installation, "of an old file")])
    assert alive_tokens_of(installation.pk)[1].secret == "of an old file"


def test_tokens_of_files_push_out_each_other_but_none_that_meta_sent(installation: Installation) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    sent = {f"sent-{number}" for number in range(KEPT_OF_A_KIND)}
    keep([ReceivedToken(installation, secret, received_at=long_ago) for secret in sent])
    put_last(dict.fromkeys(alive_tokens_of(installation.pk), WORDS["blind"]))
    for number in range(KEPT_OF_A_KIND + 2):
        keep([ReceivedToken(installation, f"file-{number}", is_imported=True)])
    assert secrets(installation) == sent | {"file-2", "file-3", "file-4"}
    assert [each.secret for each in alive_tokens_of(installation.pk)][:3] == ["file-4", "file-3", "file-2"]
