"""What Meta says of one token is held against that token alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.models import AccessToken
from features.sync import drain
from features.tokens import ReceivedToken, keep
from golive.readiness.ground import Ground
from sandbox.server import RunningSandbox
from tests.factories import MetaAppFactory
from tests.meta import Meta

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_token_of_which_meta_says_nothing_is_not_buried_for_the_one_before_it(sandbox: RunningSandbox) -> None:
    meta = Meta(sandbox, MetaAppFactory.create())
    meta.turn(refuse_system_user_token=True)
    installations = [meta.installation(f"shop-{number}", "pixel") for number in range(2)]
    drain()
    spare = [meta.connect(f"other-{number}", "pixel") for number in range(2)]
    before = timezone.now() - timedelta(days=3)
    keep(ReceivedToken(*each, received_at=before) for each in zip(installations, spare, strict=True))
    for number in range(2):
        meta.change(f"shop-{number}", kill_tokens=460)
    # The first round asks about both dead tokens, the second about both others, of which Meta does not finish one.
    meta.turn(
        fail_next=[{"kind": "slow", "path": "token", "seconds": 0, "count": 3}, {"kind": "unfinished", "path": "token"}]
    )
    told = Ground(meta.app).told
    assert isinstance(told, dict) and list(told) == [installations[1].pk]
    assert {each.secret in spare for each in AccessToken.objects.filter(dead_at=None)} == {True}
    assert AccessToken.objects.filter(dead_at=None).count() == 2
