"""The configuration on a feature's page, its form with preview, and the plan that saving leads to."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.configuration.models import Push, Wanted
from features.models import Cause, Change, Feature, Installation
from mbe.customizing import SETTINGS
from partners.audit.models import Action, AuditEntry
from partners.models import Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import FeatureFactory, InstallationFactory, MembershipFactory

pytestmark = pytest.mark.django_db

AT_META = {"cta_button_text": "Reserve", "cta_button_url": "https://shop.example/reserve"}
TYPED = {"enabled": "on", "cta_button_text": "Book Now", "cta_button_url": "https://shop.example/book"}


@pytest.fixture
def feature() -> Feature:
    """A Page's button as Meta has it, of a business with a domain."""
    installation = InstallationFactory.create(
        state=Installation.State.CONNECTED,
        business__name="Blue Door",
        business__domain="https://blue.example",
        business_manager_id="900",
        assets={"pages": ["55"]},
    )
    made: Feature = FeatureFactory.create(installation=installation, is_enabled=True, configuration=AT_META)
    return made


@pytest.fixture
def manager(feature: Feature) -> Client:
    """The browser of somebody who may change things."""
    return signed_in(MembershipFactory.create(partner=feature.partner, role=Role.MANAGER).user)


def form_of(feature: Feature) -> str:
    """The address of its form."""
    return reverse("admin:features_feature_configuration", args=[feature.pk])


def marks(client: Client, feature: Feature) -> dict[str, str]:
    """What the form that this person opened knows of the state of things."""
    form = client.get(form_of(feature)).context["form"]
    return {name: str(form[name].value()) for name in ("version", "seen")}


def save(client: Client, feature: Feature, **typed: str) -> Client:
    """Open the form, type, save; the page that comes of it."""
    return client.post(form_of(feature), marks(client, feature) | TYPED | typed, follow=True)  # type: ignore[return-value]


def text_of(client: Client, address: str) -> str:
    """A page."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_what_meta_has_since_when_and_by_what(manager: Client, feature: Feature) -> None:
    Change.objects.create(
        partner=feature.partner,
        installation=feature.installation,
        feature=feature,
        kind=Change.Kind.CONFIGURED,
        cause=Cause.RECONCILE,
        generation=1,
    )
    content = text_of(manager, page("features_feature", feature))
    assert "https://shop.example/reserve" in content
    assert "seen by: reconcile" in content
    assert "Nothing else is wanted" in content
    assert "Push ours" not in content


def test_drift_is_shown_side_by_side_with_both_ways_out(manager: Client, feature: Feature) -> None:
    values = {"enabled": True, **AT_META, "cta_button_text": "Book Now"}
    Wanted.objects.create(
        partner=feature.partner,
        feature=feature,
        values=values,
        origin=Wanted.Origin.STAFF,
        changed_by="ann",
        status=Wanted.Status.DRIFT,
    )
    content = text_of(manager, page("features_feature", feature))
    assert "changed at Meta" in content and "from: staff" in content and "ann" in content
    assert content.count('class="differs"') == 1
    assert "Push ours" in content and "Adopt Meta&#x27;s values" in content


def test_saving_wants_it_and_leads_to_the_plan(manager: Client, feature: Feature) -> None:
    answer = save(manager, feature)
    push = Push.objects.get()
    assert answer.redirect_chain == [(page("configuration_push", push), 302)]  # type: ignore[attr-defined]
    wanted = Wanted.objects.get()
    assert wanted.values["cta_button_text"] == "Book Now"
    assert (wanted.origin, wanted.version) == (Wanted.Origin.STAFF, 1)
    assert push.state == Push.State.PLANNED
    assert push.based_on["cta_button_text"] == "Reserve"
    entry = AuditEntry.objects.get(action=Action.CHANGED)
    assert entry.changes["cta_button_text"] == [None, "Book Now"]
    assert (entry.object_type, entry.object_id) == ("features.feature", str(feature.pk))


def test_saving_what_meta_has_needs_no_plan(manager: Client, feature: Feature) -> None:
    answer = save(manager, feature, **AT_META)
    assert answer.redirect_chain == [(page("features_feature", feature), 302)]  # type: ignore[attr-defined]
    assert Wanted.objects.get().status == Wanted.Status.AS_WANTED
    assert not Push.objects.exists()


def test_the_form_begins_with_what_is_wanted_else_with_what_meta_has(manager: Client, feature: Feature) -> None:
    assert 'value="Reserve"' in text_of(manager, form_of(feature))
    Wanted.objects.create(
        partner=feature.partner, feature=feature, values={"cta_button_text": "Buy"}, origin=Wanted.Origin.STAFF
    )
    content = text_of(manager, form_of(feature))
    assert 'value="Buy"' in content
    assert "https://shop.example/reserve" in content


@pytest.mark.parametrize("feature_type", sorted(SETTINGS))
def test_every_type_has_its_form_with_suggestions_and_its_drawing(
    manager: Client, feature: Feature, feature_type: str
) -> None:
    Feature.objects.update(feature_type=feature_type, configuration={})
    content = text_of(manager, form_of(feature))
    for setting in SETTINGS[feature_type]:
        assert f'name="{setting.name}"' in content
        for suggestion in setting.suggested_by(feature.partner.name):
            assert f'<option value="{suggestion}">' in content
    assert "What customers will see" in content


def test_the_preview_draws_what_is_typed_and_saves_nothing(manager: Client, feature: Feature) -> None:
    typed = TYPED | {"cta_button_text": "Come <b>in</b>", "below_button_text": "By us", "_preview": "1"}
    content = manager.post(form_of(feature), typed).content.decode()
    assert "This is a preview: nothing is saved yet." in content
    assert "Come &lt;b&gt;in&lt;/b&gt;</span>" in content
    assert not Wanted.objects.exists()


def test_a_drawing_of_what_is_off_says_so(manager: Client, feature: Feature) -> None:
    typed = {**TYPED, "_preview": "1"}
    del typed["enabled"]
    content = manager.post(form_of(feature), typed).content.decode()
    assert 'class="mock-up is-off"' in content
    assert '<p class="quiet shows-off">' in content


@pytest.mark.parametrize(
    ("name", "typed", "complaint"),
    [
        ("cta_button_url", "http://shop.example/", "is no https address"),
        ("cta_button_url", "javascript:alert(1)", "is no https address"),
        ("cta_button_url", "https://shop.example/{shop}", "“{shop}” is no placeholder"),
        ("cta_button_text", "Book {domain}", "Placeholders are filled in in addresses only."),
        ("cta_button_text", "x" * 201, "at most 200 characters"),
        ("cta_button_text", "Book\x00", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_is_refused_and_stays_typed(
    manager: Client, feature: Feature, name: str, typed: str, complaint: str
) -> None:
    content = save(manager, feature, **{name: typed}).content.decode()  # type: ignore[attr-defined]
    assert complaint in content
    assert typed[:20].split("\x00")[0] in content
    assert not Wanted.objects.exists()


def test_long_texts_are_warned_of_and_taken(manager: Client, feature: Feature) -> None:
    long = "Reserve a table for tonight"
    preview = manager.post(form_of(feature), TYPED | {"cta_button_text": long, "_preview": "1"}).content.decode()
    warning = "27 characters: Meta publishes no limit; beyond 20 a text may be cut."
    assert warning in preview
    plan = save(manager, feature, cta_button_text=long).content.decode()  # type: ignore[attr-defined]
    assert warning in plan
    assert Wanted.objects.get().values["cta_button_text"] == long


def test_placeholders_are_filled_in_for_the_business(manager: Client, feature: Feature) -> None:
    save(manager, feature, cta_button_url="https://{domain}/book?shop={external_business_id}")
    external_id = feature.installation.business.external_business_id
    assert Wanted.objects.get().values["cta_button_url"] == f"https://blue.example/book?shop={external_id}"


def test_origins_are_typed_one_a_line(manager: Client, feature: Feature) -> None:
    Feature.objects.update(feature_type="messenger_chat", configuration={"domains": ["https://a.example"]})
    assert "https://a.example</textarea>" in text_of(manager, form_of(feature))
    refused = save(manager, feature, domains="https://a.example\nhttps://b.example/path").content  # type: ignore[attr-defined]
    assert "is no https origin" in refused.decode()
    save(manager, feature, domains="https://a.example\n{domain}\nhttps://a.example")
    assert Wanted.objects.get().values["domains"] == ["https://a.example", "https://blue.example"]


def test_two_who_edit_at_once_lose_nothing(manager: Client, feature: Feature) -> None:
    colleague = signed_in(MembershipFactory.create(partner=feature.partner, user__username="ann").user)
    opened = marks(manager, feature)
    save(colleague, feature, cta_button_text="Ann's")
    answer = manager.post(form_of(feature), opened | TYPED | {"cta_button_text": "Mine"})
    content = answer.content.decode()
    assert "ann has saved other values" in content
    assert "Ann&#x27;s" in content and 'value="Mine"' in content
    assert Wanted.objects.get().values["cta_button_text"] == "Ann's"
    renewed = {name: answer.context["form"][name].value() for name in ("version", "seen")}
    manager.post(form_of(feature), renewed | TYPED | {"cta_button_text": "Mine"})
    wanted = Wanted.objects.get()
    assert (wanted.values["cta_button_text"], wanted.version) == ("Mine", 2)


def test_what_changes_at_meta_while_somebody_types_is_shown_before_it_is_saved(
    manager: Client, feature: Feature
) -> None:
    opened = marks(manager, feature)
    Feature.objects.update(configuration=AT_META | {"cta_button_text": "Merchant's own"})
    answer = manager.post(form_of(feature), opened | TYPED)
    content = answer.content.decode()
    assert "values have changed while you were editing" in content
    assert "Merchant&#x27;s own" in content
    assert not Wanted.objects.exists()
    renewed = {name: answer.context["form"][name].value() for name in ("version", "seen")}
    manager.post(form_of(feature), renewed | TYPED)
    assert Push.objects.get().based_on["cta_button_text"] == "Merchant's own"


def test_a_change_at_meta_does_not_hide_that_of_a_colleague(manager: Client, feature: Feature) -> None:
    opened = marks(manager, feature)
    save(manager, feature, cta_button_text="Colleague's")
    Feature.objects.update(configuration=AT_META | {"cta_button_text": "Merchant's own"})
    answer = manager.post(form_of(feature), opened | TYPED)
    renewed = {name: answer.context["form"][name].value() for name in ("version", "seen")}
    answer = manager.post(form_of(feature), renewed | TYPED)
    assert "has saved other values" in answer.content.decode()
    assert Wanted.objects.get().values["cta_button_text"] == "Colleague's"


def test_without_a_way_to_customize_there_is_no_form_but_two_ways(manager: Client, feature: Feature) -> None:
    Feature.objects.update(feature_type="pixel", configuration={"odd": 1})
    content = text_of(manager, page("features_feature", feature))
    assert "asset_id=55&amp;business_id=900" in content
    row = feature.installation
    query = f"?business={row.business_id}&amp;meta_app={row.meta_app_id}"
    assert reverse("admin:onboarding_launchlink_add") + query in content
    assert "Edit configuration" not in content
    assert manager.get(form_of(feature)).status_code == 404


def test_of_a_removed_feature_there_is_nothing_to_edit(manager: Client, feature: Feature) -> None:
    Feature.objects.update(removed_at=timezone.now())
    content = text_of(manager, page("features_feature", feature))
    assert "no longer installed" in content
    assert "Edit configuration" not in content
    assert manager.get(form_of(feature)).status_code == 404


def test_viewers_look_and_strangers_find_nothing(manager: Client, feature: Feature) -> None:
    save(manager, feature)
    viewer = signed_in(MembershipFactory.create(partner=feature.partner, role=Role.VIEWER).user)
    stranger = signed_in(MembershipFactory.create().user)
    push = Push.objects.get()
    content = text_of(viewer, page("features_feature", feature)) + text_of(viewer, page("configuration_push", push))
    assert not [word for word in ("Edit configuration", "Push ours", "Push to Meta") if word in content]
    for method in ("push_ours", "adopt_metas"):
        assert viewer.post(tool("features_feature", feature, method)).status_code == 403
        assert stranger.post(tool("features_feature", feature, method)).status_code == 404
    assert viewer.get(form_of(feature)).status_code == 403
    assert viewer.post(form_of(feature), TYPED).status_code == 403
    assert stranger.get(form_of(feature)).status_code == 404
    assert stranger.get(page("configuration_push", push)).status_code == 404
