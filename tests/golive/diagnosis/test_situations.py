"""For each broken situation, made at the sandbox: the step named, the sentence, and buttons that work."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.test import Client

from golive.diagnosis.findings import Status
from golive.diagnosis.walking import STEPS
from partners.models import Role
from tests.factories import MembershipFactory
from tests.golive.diagnosis.scene import Scene, Situation
from tests.golive.diagnosis.situations import asking, going, working
from tests.isolation.visits import where

SITUATIONS = (*going.SITUATIONS, *asking.SITUATIONS, *working.SITUATIONS)
each_situation = pytest.mark.parametrize("situation", SITUATIONS, ids=str)


@each_situation
def test_the_step_is_named_in_plain_words_with_what_helps(scene: Scene, situation: Situation) -> None:
    situation.make(scene)
    found = scene.walk()
    assert (found.stops_at, found.is_live) == (situation.step, False), found.findings
    assert situation.says in found.verdict
    assert found.decisive is not None
    assert situation.helps in [str(each.button.label) for each in found.decisive.remedies]
    after = list(STEPS)[list(STEPS).index(situation.step) + 1 :]
    assert {found.findings[name].status for name in after} <= {Status.NOT_REACHED, Status.OK}
    (shown,) = scene.page().context["walks"]
    assert (shown["verdict"], shown["stops_at"]) == (found.verdict, STEPS[situation.step][0])
    assert situation.helps in [str(each.label) for each in shown["helps"]["buttons"]]


class Ways(HTMLParser):
    """The forms of the page's buttons, with their hidden fields, and the addresses of its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, a hidden field of the last one, or a button that is a link."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and "/tool/" in given.get("action", ""):
            self.forms.append((given["action"], {}))
        elif tag == "form":
            self.forms.append(("", {}))
        elif tag == "input" and given.get("type") == "hidden" and self.forms:
            self.forms[-1][1][given["name"]] = given["value"]
        elif tag == "a" and given.get("class") == "button":
            self.links.append(given["href"])


def pressed(browser: Client, page: str) -> Iterator[tuple[str, str]]:
    """What each button of the page is answered; nothing that a press does is kept."""
    ways = Ways(page)
    for address, fields in ways.forms:
        if address:
            with transaction.atomic():
                yield address, where(browser.post(address, fields))
                transaction.set_rollback(True)
    for address in ways.links:
        if address.startswith("/"):
            yield address, where(browser.get(address))


@each_situation
def test_each_button_works_for_whoever_sees_it(scene: Scene, situation: Situation) -> None:
    situation.make(scene)
    came = {role: dict(pressed(*shown_to(scene, role))) for role in (Role.MANAGER, Role.VIEWER)}
    assert came[Role.MANAGER], "there is something to press"
    wrong = {
        address: status for each in came.values() for address, status in each.items() if status not in ("200", "302")
    }
    assert wrong == {}
    assert [each for each in came[Role.VIEWER] if "/tool/" in each] == [], "a viewer presses nothing"


def shown_to(scene: Scene, role: Role) -> tuple[Client, str]:
    """A browser of somebody in this role, without JavaScript and with Django's check of forms, and the page in it."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(MembershipFactory.create(partner=scene.app.partner, role=role).user)
    return browser, scene.page(browser).content.decode()
