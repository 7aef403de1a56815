"""Which entry points are refused, and what is said."""

from typing import Any

import pytest
from django.utils.translation import override

from mbe.catalog import INTENTS, VERTICALS
from onboarding.checks import cta_problems, entry_point_problems
from partners.models import MetaApp

NAMES = sorted({name for _, name in INTENTS})
IMPOSSIBLE = [(vertical, name) for vertical in VERTICALS for name in NAMES if (vertical, name) not in INTENTS]
EVERYTHING = MetaApp(name="Bookly", app_id="1")


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
def test_every_row_of_the_specification_is_accepted(vertical: str, intent: str) -> None:
    assert entry_point_problems(vertical, intent, EVERYTHING) == []


@pytest.mark.parametrize(("vertical", "intent"), IMPOSSIBLE)
def test_every_other_pair_is_refused(vertical: str, intent: str) -> None:
    [problem] = entry_point_problems(vertical, intent, EVERYTHING)
    assert intent in problem
    assert all(each.name in problem for each in VERTICALS[vertical].intents)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_a_vertical_without_intent_is_accepted(vertical: str) -> None:
    assert entry_point_problems(vertical, "", EVERYTHING) == []


@pytest.mark.parametrize(("vertical", "intent"), [("BAKERIES", ""), ("", "ADS"), ("appointments", "ADS")])
def test_an_invented_vertical_is_refused(vertical: str, intent: str) -> None:
    assert len(entry_point_problems(vertical, intent, EVERYTHING)) == 1


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
def test_a_needed_feature_that_the_app_does_not_offer_is_named(vertical: str, intent: str) -> None:
    needed = INTENTS[vertical, intent].required[-1]
    offered = [name for name in EVERYTHING.features if name != needed]
    [problem] = entry_point_problems(vertical, intent, MetaApp(name="Bookly", app_id="1", features=offered))
    assert f"({needed})" in problem
    assert "Bookly" in problem


def test_optional_features_need_not_be_offered() -> None:
    app = MetaApp(name="Bookly", app_id="1", features=["pixel"])
    assert entry_point_problems("ECOMMERCE", "CONVERSIONS_API", app) == []


def test_problems_are_said_in_the_reader_s_language() -> None:
    with override("zh-hant"):
        [problem] = entry_point_problems("LEAD_ADS", "ADS", EVERYTHING)
    assert "名單型廣告" in problem
    assert "is no intent" not in problem


GOOD_CTA: list[Any] = [
    {},
    {"page_cta": {}},
    {"page_cta": {"enabled": True, "cta_button_text": "Book Now", "cta_button_url": "https://shop.example/book"}},
    {"ig_cta": {"cta_button_url": "{domain}/book?b={external_business_id}"}},
    {"ig_cta": {"cta_button_url": "https://{domain}/book"}},
    {"page_card": {"see_all_text": "See All", "see_all_url": "https://shop.example/{external_business_id}"}},
    {"messenger_chat": {"enabled": False, "domains": ["{domain}", "https://shop.example"]}},
]
BAD_CTA: list[Any] = [
    [],
    "page_cta",
    None,
    {"catalog": {"cta_button_text": "Book"}},
    {"page_ctas": {"cta_button_text": "Book"}},
    {"business": {"name": "Another"}},
    {"page_cta": "Book"},
    {"page_cta": {"cta_button_text": 7}},
    {"page_cta": {"cta_button_text": {"deep": True}}},
    {"page_cta": {"cta_button_text": "Book at {domain}"}},
    {"page_cta": {"cta_button_text": "nul \x00"}},
    {"page_cta": {"enabled": "yes"}},
    {"page_cta": {"cta_button_url": True}},
    {"page_cta": {"cta_button_url": "http://shop.example/book"}},
    {"page_cta": {"cta_button_url": "javascript:alert(1)"}},
    {"page_cta": {"cta_button_url": "https://"}},
    {"page_cta": {"cta_button_url": "https://shop.example/{shop}"}},
    {"page_cta": {"cta_button_url": "https://shop.example/{}"}},
    {"page_cta": {"cta_button_url": "{external_business_id}"}},
    {"messenger_chat": {"domains": "https://shop.example"}},
    {"messenger_chat": {"domains": ["http://shop.example"]}},
    {"messenger_chat": {"domains": [1]}},
    {"page_cta": {"below_button_text": "x" * 5000}},
]


@pytest.mark.parametrize("cta_defaults", GOOD_CTA)
def test_cta_defaults_of_meta_s_shape_are_accepted(cta_defaults: Any) -> None:
    assert cta_problems(cta_defaults) == []


@pytest.mark.parametrize("cta_defaults", BAD_CTA)
def test_other_cta_defaults_are_refused(cta_defaults: Any) -> None:
    assert len(cta_problems(cta_defaults)) == 1
