"""Tokens of a file that are good, but not for the business beside them; and what comes before a file's turn."""

import pytest

from features.claims import waited_for
from features.models import AccessToken, Cause, Installation
from features.sync import drain
from features.tokens import ReceivedToken, keep
from golive.cockpit.counting import Group, in_group
from golive.migration.wording import reasons_text
from tests.golive.migration.files import HEAD, arrived, line, reasons, taken
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db(transaction=True)


def states() -> set[str]:
    """The states of all installations."""
    return set(Installation.objects.values_list("state", flat=True))


def two_shops(meta: Meta) -> dict[str, str]:
    """Two imported and connected businesses: their tokens by id."""
    tokens = meta.connect_many(2, "catalog", prefix="shop-")
    taken(arrived(meta, HEAD + "".join(line(*each) for each in tokens.items())))
    drain()
    assert states() == {"connected"}
    return tokens


def swapped(tokens: dict[str, str]) -> str:
    """The file in which a column has slipped: each has the other's token."""
    return HEAD + "".join(line(*each) for each in zip(tokens, reversed(tokens.values()), strict=True))


def test_a_file_whose_tokens_are_swapped_takes_no_business_down(meta: Meta) -> None:
    tokens = two_shops(meta)
    taken(arrived(meta, swapped(tokens)))
    drain()
    assert states() == {"connected"}
    before = meta.calls()
    for each in Installation.objects.all():
        hint(each, Cause.STAFF)
    drain()
    # The misplaced ones are known by now and tried last.
    assert meta.calls() - before == 2


def test_a_dry_run_tells_that_tokens_are_kept_for_other_businesses(meta: Meta) -> None:
    tokens = two_shops(meta)
    run = taken(arrived(meta, swapped(tokens), is_dry_run=True))
    assert set(reasons(run)) == {2, 3}
    texts = {reasons_text(each) for each in reasons(run).values()}
    assert texts == {"access_token is kept for another business, too"}
    right = taken(arrived(meta, HEAD + "".join(line(*each) for each in tokens.items()), is_dry_run=True))
    assert reasons(right) == {}


def test_the_right_file_heals_what_a_wrong_one_has_begun_with(meta: Meta) -> None:
    tokens = meta.connect_many(2, "catalog", prefix="shop-")
    taken(arrived(meta, swapped(tokens)))
    drain()
    assert states() == {"reconnect"}
    taken(arrived(meta, HEAD + "".join(line(*each) for each in tokens.items())))
    drain()
    assert states() == {"connected"}


def test_a_known_token_of_a_business_that_must_reconnect_is_tried_again(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    meta.fail("not_visible", path="installs", external_business_id="shop-1")
    file = HEAD + line("shop-1", token)
    taken(arrived(meta, file))
    drain()
    assert states() == {"reconnect"}
    again = taken(arrived(meta, file))
    assert again.unchanged == 1
    drain()
    assert states() == {"connected"}


@pytest.mark.parametrize("cause", [Cause.STAFF, Cause.WEBHOOK])
def test_an_imported_business_must_reconnect_whoever_asks_first(meta: Meta, cause: Cause) -> None:
    taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"))))
    hint(Installation.objects.get(), cause)
    meta.change("shop-1", kill_tokens=460)
    drain()
    assert states() == {"reconnect"}
    assert in_group(Installation.objects.all(), Group.RECONNECT).exists()


def test_a_token_that_meta_sends_too_leaves_the_business_an_imported_one(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    taken(arrived(meta, HEAD + line("shop-1", token)))
    keep([ReceivedToken(Installation.objects.get(), token)])
    row = AccessToken.objects.get()
    assert row.is_imported and row.from_meta_at and row.from_meta_at > row.received_at
    meta.change("shop-1", kill_tokens=460)
    drain()
    assert states() == {"reconnect"}


def test_an_imported_business_that_is_gone_is_disconnected_whoever_asks_first(meta: Meta) -> None:
    taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"))))
    hint(Installation.objects.get(), Cause.STAFF)
    meta.change("shop-1", uninstall=True, keep_tokens=True)
    drain()
    assert states() == {"disconnected"}


def test_a_business_that_is_waited_for_does_not_go_back_behind_a_file(meta: Meta) -> None:
    installation = meta.installation("shop-1", "catalog")
    taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"))))
    assert waited_for().filter(pk=installation.pk).exists()
    installation.refresh_from_db()
    assert installation.requested_cause == Cause.RETURN


def test_a_dead_token_for_a_business_that_has_a_living_one_asks_nobody_to_reconnect(meta: Meta) -> None:
    installation = meta.installation("shop-1", "catalog")
    drain()
    run = taken(arrived(meta, HEAD + line("shop-1", "EAAB-invented")))
    assert (run.imported, run.to_reconnect, states()) == (1, 0, {"connected"})
    (text,) = (reasons_text(each) for each in reasons(run).values())
    assert text.startswith("the token cannot be used; the connection goes on with the one it has: ")
    assert AccessToken.objects.filter(installation=installation).exclude(dead_at=None).count() == 1


def test_a_dead_token_pushes_out_no_living_one(meta: Meta) -> None:
    installation = meta.installation("shop-1", "catalog")
    keep([ReceivedToken(installation, meta.connect("shop-1", "catalog")) for _ in range(2)])
    living = AccessToken.objects.filter(kind="login", dead_at=None)
    assert living.count() == 3
    taken(arrived(meta, HEAD + line("shop-1", "EAAB-invented")))
    assert living.count() == 3
