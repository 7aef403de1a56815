"""What the diagnosis offers to bring a business back leads to the app that it speaks of."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from golive.diagnosis.findings import Status
from onboarding.models import EntryPoint, LaunchLink
from partners.models import Business
from tests.factories import EntryPointFactory, MetaAppFactory
from tests.golive.diagnosis.scene import Scene


def labels(scene: Scene, step: str) -> list[str]:
    """What helps with a step."""
    return [str(each.button.label) for each in scene.walk().findings[step].remedies]


def test_the_link_of_the_diagnosis_opens_a_button_of_its_app(scene: Scene) -> None:
    EntryPointFactory.create(meta_app=MetaAppFactory.create(partner=scene.app.partner), vertical="LEAD_ADS", intent="")
    scene.comes_in()
    scene.happens(kill_tokens=460)
    (remedy,) = scene.walk().findings["token"].remedies
    made = scene.staff.post(remedy.button.url)
    assert "It opens go only." in made.content.decode()
    assert "This form was sent before" in scene.staff.post(remedy.button.url).content.decode()
    assert LaunchLink.objects.filter(created_by__isnull=False).count() == 1
    assert LaunchLink.objects.latest("pk").entry_point == EntryPoint.objects.get(slug="go")


def test_where_several_fit_another_can_be_chosen(scene: Scene) -> None:
    scene.button()
    other = EntryPointFactory.create(meta_app=scene.app, slug="other", vertical="LEAD_ADS", intent="")
    make, choose = scene.walk().findings["link"].remedies
    assert (str(make.button.label), make.button.url.endswith(f"&entry_point={other.pk}")) == ("New launch link", True)
    form = scene.staff.get(choose.button.url).context["adminform"].form
    assert {form[name].value() for name in ("business", "entry_point")} == {
        str(scene.business.pk),
        str(EntryPoint.objects.get(slug="go").pk),
    }


def test_without_a_button_that_fits_none_is_made_and_the_remedy_is_an_entry_point(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=460)
    EntryPoint.objects.update(is_active=False)
    found = scene.walk()
    assert found.stops_at == "token" and labels(scene, "token") == ["Entry point “go”"]
    weak = found.findings["link"]
    assert weak.status == Status.WEAK
    assert weak.text == "A new launch link could not bring the business back: The button “go” is switched off."
    Business.objects.update(verticals=["ECOMMERCE"])
    assert labels(scene, "token") == ["New entry point", "The business's verticals"]
    assert scene.page().status_code == 200


def test_of_several_that_are_closed_the_one_that_takes_the_least_is_named(scene: Scene) -> None:
    scene.button("ECOMMERCE", "CHECKBOX_PLUGIN_MARKETING")
    EntryPoint.objects.update(is_active=False)
    Business.objects.update(domain="")
    scene.app.features = ["checkbox_plugin", "customer_data"]
    scene.app.save()
    more = {"meta_app": scene.app, "vertical": "ECOMMERCE"}
    assert labels(scene, "link") == ["Entry point “go”"]
    EntryPointFactory.create(slug="ads", intent="ADS", **more)
    assert "needs features that the app does not offer" in scene.walk().verdict
    EntryPointFactory.create(slug="box", intent="CHECKBOX_PLUGIN_MARKETING", **more)
    EntryPointFactory.create(slug="box-again", intent="CHECKBOX_PLUGIN_MARKETING", **more)
    assert labels(scene, "link") == ["Add the domain"] and "“box”" in scene.walk().verdict


def test_a_new_entry_point_is_filled_in(scene: Scene) -> None:
    scene.button()
    Business.objects.update(verticals=["ECOMMERCE", "LEAD_ADS"])
    EntryPoint.objects.update(vertical="CREATIVE", intent="")
    address = scene.walk().findings["link"].remedies[0].button.url
    assert address.startswith(reverse("admin:onboarding_entrypoint_add"))
    form = scene.staff.get(address).context["adminform"].form
    assert (form["meta_app"].value(), form["vertical"].value()) == (str(scene.app.pk), "ECOMMERCE")
    assert "ECOMMERCE" not in urlsplit(address).path


def test_it_is_said_which_features_need_the_website(scene: Scene) -> None:
    scene.button("ECOMMERCE", "CHECKBOX_PLUGIN_MARKETING", cta_defaults={"page_cta": {"cta_button_url": "{domain}/b"}})
    Business.objects.update(domain="")
    text = scene.walk().verdict
    assert text.startswith("The button “go” needs the business's website for ")
    assert "Checkbox plugin" in text and "page_cta" not in text and "Customer data" not in text


@pytest.mark.parametrize("query", ["?entry_point=x", "?entry_point=0", "?entry_point=99999999"])
def test_a_link_for_a_button_that_is_not_there_is_not_made(scene: Scene, query: str) -> None:
    tool = reverse("admin:partners_business_tool", args=[scene.business.pk, "new_launch_link"])
    assert scene.staff.post(tool + query).status_code == 404
    assert not LaunchLink.objects.exists()
