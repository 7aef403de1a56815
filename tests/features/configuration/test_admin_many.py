"""Configuration of many features at once: pushed, adopted or set after a look at it, watched, stopped."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from features.configuration.models import Push, PushRun, Wanted
from features.models import Feature
from partners.audit.models import Action, AuditEntry
from partners.models import Partner, Role
from tests.admin_rows import page, signed_in, superuser, tool
from tests.factories import FeatureFactory, InstallationFactory, MembershipFactory, PartnerFactory
from tests.features.configuration.ground import State, Status, wanting

pytestmark = pytest.mark.django_db

LIST = "admin:features_feature_changelist"
TYPED = {"enabled": "on", "cta_button_text": "Book Now", "cta_button_url": "https://{domain}/book"}


@pytest.fixture
def partner() -> Partner:
    """A partner."""
    made: Partner = PartnerFactory.create()
    return made


@pytest.fixture
def manager(partner: Partner) -> Client:
    """The browser of somebody who may change things."""
    return signed_in(MembershipFactory.create(partner=partner, role=Role.MANAGER).user)


def buttons(partner: Partner, count: int, **values: Any) -> list[Feature]:
    """So many businesses, each with a button that says Reserve."""
    return [
        FeatureFactory.create(
            installation__meta_app__partner=partner,
            installation__business__name=f"Shop {number}",
            installation__business__domain=f"https://shop-{number}.example",
            is_enabled=True,
            configuration={"cta_button_text": "Reserve"},
            **values,
        )
        for number in range(count)
    ]


def act(client: Client, action: str, features: list[Feature], **more: str) -> Any:
    """Choose an action for these features."""
    data = {"action": action, "_selected_action": [each.pk for each in features], **more}
    return client.post(reverse(LIST), data, follow=True)


def test_a_push_to_many_is_shown_first_then_watched(manager: Client, partner: Partner) -> None:
    features = buttons(partner, 3)
    for each in features[:2]:
        wanting(each, cta_button_text="Book Now")
    asks = act(manager, "push_wanted", features).content.decode()
    assert "2 features change," in asks and "of 2 businesses." in asks
    assert "1 more feature chosen stays as it is." in asks
    assert asks.count("Book Now") == 2
    assert not Push.objects.exists()
    watched = act(manager, "push_wanted", features, confirmed="yes")
    run = PushRun.objects.get()
    assert watched.redirect_chain == [(page("configuration_pushrun", run), 302)]
    assert set(Push.objects.values_list("state", "run")) == {(State.WAITING, run.pk)}
    content = watched.content.decode()
    assert "0 of 2 done" in content and 'http-equiv="refresh"' in content
    assert AuditEntry.objects.filter(action=Action.PUSHED, object_id=str(run.pk)).exists()
    assert "0 of 2 done" in manager.get(reverse("admin:configuration_pushrun_changelist")).content.decode()


def test_a_run_shows_its_counts_and_what_somebody_has_to_look_at(manager: Client, partner: Partner) -> None:
    features = buttons(partner, 3)
    for each in features:
        wanting(each, cta_button_text="Book Now")
    act(manager, "push_wanted", features, confirmed="yes")
    first, second, _third = Push.objects.order_by("pk")
    Push.objects.filter(pk=first.pk).update(state=State.REFUSED, detail="No such button")
    Push.objects.filter(pk=second.pk).update(state=State.CONFIRMED)
    run = PushRun.objects.get()
    content = manager.get(page("configuration_pushrun", run)).content.decode()
    assert "2 of 3 done" in content and "No such button" in content
    assert page("configuration_push", first) in content
    assert page("configuration_push", second) not in content
    refused = reverse("admin:configuration_push_changelist") + f"?run={run.pk}&state__exact=refused"
    assert refused.replace("&", "&amp;") in content
    assert {row.pk for row in manager.get(refused).context["cl"].result_list} == {first.pk}


def test_a_run_is_stopped_after_a_question(manager: Client, partner: Partner) -> None:
    features = buttons(partner, 2)
    for each in features:
        wanting(each, cta_button_text="Book Now")
    act(manager, "push_wanted", features, confirmed="yes")
    run = PushRun.objects.get()
    address = tool("configuration_pushrun", run, "stop")
    assert "Nothing more of it is sent to Meta." in manager.get(address).content.decode()
    content = manager.post(address, follow=True).content.decode()
    assert "Stopped: 2 features are not pushed." in content and "It was stopped." in content
    assert set(Push.objects.values_list("state", flat=True)) == {State.DROPPED}
    assert AuditEntry.objects.filter(action=Action.STOPPED, object_id=str(run.pk)).exists()
    assert manager.post(address).status_code == 404


def test_metas_values_of_many_are_adopted_after_a_look(manager: Client, partner: Partner) -> None:
    features = buttons(partner, 2)
    for each in features:
        wanting(each, cta_button_text="Book Now")
    assert "2 features change," in act(manager, "adopt_chosen", features).content.decode()
    assert Wanted.objects.first().values["cta_button_text"] == "Book Now"  # type: ignore[union-attr]  # made above
    answer = act(manager, "adopt_chosen", features, confirmed="yes")
    assert "values of 2 features adopted." in answer.content.decode()
    assert set(Wanted.objects.values_list("status", flat=True)) == {Status.AS_WANTED}
    assert {each.values["cta_button_text"] for each in Wanted.objects.all()} == {"Reserve"}
    assert AuditEntry.objects.filter(action=Action.ADOPTED).count() == 2
    assert "nothing to adopt" in act(manager, "adopt_chosen", features).content.decode()
    assert "nothing to push" in act(manager, "push_wanted", features).content.decode()


def test_one_configuration_is_set_for_many_each_with_its_own_address(manager: Client, partner: Partner) -> None:
    features = buttons(partner, 3)
    business = features[2].installation.business
    business.domain = ""
    business.save()
    assert "For 3 features." in act(manager, "set_configuration", features).content.decode()
    looked = act(manager, "set_configuration", features, **TYPED, _outlook="1")
    content = looked.content.decode()
    assert "2 features change," in content and "https://shop-0.example/book" in content
    assert "1 business has no domain" in content
    assert not Wanted.objects.exists()
    shown = looked.context["shown"]
    answer = act(manager, "set_configuration", features, **TYPED, _set="1", shown=shown)
    assert answer.redirect_chain == [(page("configuration_pushrun", PushRun.objects.get()), 302)]
    wanted = {each.feature_id: each.values["cta_button_url"] for each in Wanted.objects.all()}
    assert wanted == {features[0].pk: "https://shop-0.example/book", features[1].pk: "https://shop-1.example/book"}
    assert Push.objects.filter(state=State.WAITING).count() == 2
    assert AuditEntry.objects.filter(action=Action.CHANGED).count() == 2


def test_what_was_typed_after_the_look_is_looked_at_once_more(manager: Client, partner: Partner) -> None:
    features = buttons(partner, 2)
    shown = act(manager, "set_configuration", features, **TYPED, _outlook="1").context["shown"]
    typed = TYPED | {"cta_button_text": "Something else"}
    content = act(manager, "set_configuration", features, **typed, _set="1", shown=shown).content.decode()
    assert "Something else" in content
    assert not Wanted.objects.exists()


def test_what_cannot_be_is_refused_for_many_as_for_one(manager: Client, partner: Partner) -> None:
    typed = TYPED | {"cta_button_url": "http://shop.example"}
    content = act(manager, "set_configuration", buttons(partner, 2), **typed, _set="1").content.decode()
    assert "is no https address" in content
    assert not Wanted.objects.exists()


@pytest.mark.parametrize(
    ("types", "sentence"),
    [
        (("page_cta", "ig_cta"), "Choose features of one type"),
        (("pixel", "hologram_ads"), "None of the features chosen is installed and has settings."),
    ],
)
def test_features_that_cannot_be_set_together_are_named(
    manager: Client, partner: Partner, types: tuple[str, ...], sentence: str
) -> None:
    features = [each for name in types for each in buttons(partner, 1, feature_type=name)]
    assert sentence in act(manager, "set_configuration", features).content.decode()


def test_platform_staff_act_for_one_partner_at_a_time(partner: Partner) -> None:
    features = [*buttons(partner, 1), *buttons(PartnerFactory.create(), 1)]
    for each in features:
        wanting(each, cta_button_text="Book Now")
    client = signed_in(superuser())
    assert "features of several partners" in act(client, "push_wanted", features).content.decode()
    act(client, "push_wanted", features[:1], confirmed="yes")
    assert PushRun.objects.get().partner == partner


def test_at_most_a_thousand_at_once(manager: Client, partner: Partner) -> None:
    installation = InstallationFactory.create(meta_app__partner=partner)
    of_partner = {"partner": partner, "installation": installation, "feature_type": "page_cta"}
    Feature.objects.bulk_create(Feature(feature_instance_id=f"i-{n}", **of_partner) for n in range(1_001))
    data = {"action": "push_wanted", "select_across": "1", "_selected_action": [Feature.objects.latest("pk").pk]}
    assert "At most 1,000 at a time." in manager.post(reverse(LIST), data, follow=True).content.decode()


@pytest.mark.parametrize("status", list(Status))
def test_features_are_filtered_by_how_their_configuration_stands(
    manager: Client, partner: Partner, status: Status
) -> None:
    features = buttons(partner, 3)
    for each in features[:2]:
        wanting(each, cta_button_text="Book Now")
    other = Status.REFUSED if status != Status.REFUSED else Status.DRIFT
    Wanted.objects.filter(feature=features[0]).update(status=status)
    Wanted.objects.filter(feature=features[1]).update(status=other)
    answer = manager.get(reverse(LIST), {"configuration": status})
    assert [row.pk for row in answer.context["cl"].result_list] == [features[0].pk]
    assert str(status.label) in answer.content.decode()


def test_drift_stands_on_the_first_page_and_on_the_installations(manager: Client, partner: Partner) -> None:
    (feature,) = buttons(partner, 1)
    wanting(feature, cta_button_text="Book Now")
    assert "Configurations changed at Meta" not in manager.get(reverse("admin:index")).content.decode()
    Wanted.objects.update(status=Status.DRIFT)
    content = manager.get(reverse("admin:index")).content.decode()
    assert "Configurations changed at Meta" in content
    assert page("features_feature", feature) in content
    assert "changed at Meta" in manager.get(page("features_installation", feature.installation)).content.decode()
