"""The command: it asks unless told not to, uninstalls, looks once, and says how far it is."""

import io

import pytest
from django.core.management import call_command

from features.models import Installation
from features.uninstalling.models import Uninstall
from partners.audit.models import Action, AuditEntry, Via
from partners.commands import BadInput
from tests.features.uninstalling.ground import State, calls, connected, slow, the
from tests.meta import Meta


@pytest.fixture
def salon(meta: Meta) -> Installation:
    """A business with two features."""
    return connected(meta, "page_cta", "pixel")


def run_command(meta: Meta, *words: str) -> tuple[str, str]:
    """What the command prints, and what it explains."""
    out, err = io.StringIO(), io.StringIO()
    call_command("uninstall", meta.app.partner.slug, *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_uninstalls_the_whole_and_sees_it_gone(meta: Meta, salon: Installation) -> None:
    out, err = run_command(meta, "salon", "--yes")
    assert out == "gone at Meta\n" and "the record says so" in err
    salon.refresh_from_db()
    assert salon.state == Installation.State.DISCONNECTED
    entry = AuditEntry.objects.get(action=Action.UNINSTALL_ASKED)
    assert entry.via == Via.COMMAND and entry.actor_name.endswith("manage.py uninstall")


def test_it_uninstalls_one_feature(meta: Meta, salon: Installation) -> None:
    out, _err = run_command(meta, "salon", "--feature", the("page_cta").feature_instance_id, "--yes")
    assert out == "gone at Meta\n" and the("page_cta").is_enabled is False


def test_where_meta_is_slow_it_leaves_the_rest_to_the_workers(meta: Meta, salon: Installation) -> None:
    slow(meta, 9)
    out, err = run_command(meta, "salon", "--app", meta.app.app_id, "--yes")
    assert out == "acknowledged by Meta\n" and "we look again until it is" in err


def test_it_says_why_nothing_came_of_it(meta: Meta, salon: Installation) -> None:
    meta.change("salon", kill_tokens=460)
    out, err = run_command(meta, "salon", "--yes")
    assert out == "refused by Meta\n" and "There is no access token that Meta accepts." in err
    with pytest.raises(BadInput, match="so nothing can be uninstalled from here"):
        run_command(meta, "salon", "--yes")


def test_without_a_yes_and_without_a_person_nothing_happens(
    meta: Meta, salon: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    with pytest.raises(BadInput, match="say --yes"):
        run_command(meta, "salon")
    assert not Uninstall.objects.exists() and calls(meta) == 0


def test_it_refuses_what_is_not_there(meta: Meta, salon: Installation) -> None:
    for words, says in (
        (("nobody", "--yes"), "has no business"),
        (("salon", "--app", "1", "--yes"), "has no Meta app"),
        (("salon", "--feature", "1", "--yes"), "has no feature"),
        (("salon", "--feature", the("pixel").feature_instance_id, "--yes"), "no interface"),
    ):
        with pytest.raises(BadInput, match=says):
            run_command(meta, *words)
    assert not Uninstall.objects.exists()
    run_command(meta, "salon", "--yes")
    with pytest.raises(BadInput, match="Nothing is connected"):
        run_command(meta, "salon", "--yes")
    assert Uninstall.objects.get().state == State.GONE
