"""Which tokens an installation keeps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.models import AccessToken, Installation
from features.tokens import KEPT_OF_A_KIND, ReceivedToken, keep
from tests.factories import AccessTokenFactory, InstallationFactory


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
