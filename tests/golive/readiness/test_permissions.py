"""A business has to have granted what each of its ways in asks for, and what its features need."""

from golive.readiness.steps import Step
from tests.factories import EntryPointFactory
from tests.golive.readiness.stage import Stage
from tests.onboarding.merchant import Merchant

RED = ("red", Step.PERMISSIONS)


def test_what_the_first_vertical_needs_is_still_needed_after_the_second(stage: Stage) -> None:
    stage.register()
    shop = stage.log_in()
    EntryPointFactory.create(meta_app=stage.app, slug="lead", vertical="LEAD_ADS", intent="LEAD_ADS")
    Merchant(shop).go_through("lead", "LEAD_ADS")
    stage.settle()
    assert stage.check()["permissions"] == ("green", "")
    assert {"catalog_management", "leads_retrieval"} <= {*stage.row("permissions").evidence["granted"]}
    stage.change(shop, withheld_scopes=["catalog_management"])
    assert stage.check()["permissions"] == RED
    assert stage.row("permissions").evidence["missing_permissions"] == [
        f"{shop.external_business_id}: catalog_management"
    ]


def test_what_was_asked_for_before_all_was_uninstalled_is_needed_no_more(stage: Stage) -> None:
    stage.register()
    shop = stage.log_in()
    stage.change(shop, uninstall=True)
    EntryPointFactory.create(meta_app=stage.app, slug="lead", vertical="LEAD_ADS", intent="LEAD_ADS")
    Merchant(shop).go_through("lead", "LEAD_ADS")
    stage.settle()
    assert stage.check()["permissions"] == ("green", "")
    assert "catalog_management" not in stage.row("permissions").evidence["granted"]


def test_a_feature_needs_its_permission_also_where_its_entry_point_does_not_ask(stage: Stage) -> None:
    stage.register()
    shop = stage.log_in()
    stage.change(shop, withheld_scopes=["catalog_management"])
    button = stage.button
    button.scope_override = ["manage_business_extension"]
    button.save()
    assert stage.installation(shop).features.filter(feature_type="catalog", removed_at=None).exists()
    assert stage.check()["permissions"] == RED
