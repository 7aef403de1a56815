"""The way to Meta's management view: v2's for connections still on v2, v3's otherwise, none where none would open."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pytest_django import Settings

from features.management_view import management_url
from features.models import Installation
from features.sync import drain
from tests.factories import AccessTokenFactory, FeatureFactory, InstallationFactory
from tests.meta import Meta, hint

State = Installation.State
V2, V3 = "/facebook_business_extension/management/", "/latest/business_app_store/manage_external_business_connection"


@pytest.fixture
def installation(db: None) -> Installation:
    """A connected business with a Business Manager and one feature on a Page."""
    made: Installation = InstallationFactory.create(
        state=State.CONNECTED, reason="", mbe_version="v3", business_manager_id="77"
    )
    FeatureFactory.create(installation=made, connected_assets={"page_id": "41"})
    return made


def changed(installation: Installation, **columns: Any) -> str:
    """The address once these columns have changed."""
    Installation.objects.filter(pk=installation.pk).update(**columns)
    return management_url(Installation.objects.get(pk=installation.pk))


def test_v3s_names_page_business_manager_app_and_business(installation: Installation, settings: Settings) -> None:
    settings.META_MANAGEMENT_URL = f"https://business.facebook.com{V3}"
    parts = urlsplit(management_url(installation))
    assert (parts.netloc, parts.path) == ("business.facebook.com", V3)
    assert parse_qs(parts.query) == {
        "asset_id": ["41"],
        "business_id": ["77"],
        "app_id": [installation.meta_app.app_id],
        "external_business_id": [installation.business.external_business_id],
    }


def test_v2s_needs_neither_page_nor_business_manager(installation: Installation, settings: Settings) -> None:
    settings.META_DIALOG_URL = "https://www.facebook.com/v25.0/dialog/oauth"
    installation.features.all().delete()
    parts = urlsplit(changed(installation, mbe_version="v2", business_manager_id=""))
    assert (parts.netloc, parts.path) == ("www.facebook.com", V2)
    assert set(parse_qs(parts.query)) == {"app_id", "external_business_id"}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("version", ["v2", "v3", ""])
def test_it_is_there_as_long_as_something_may_be_installed(
    installation: Installation, state: str, version: str
) -> None:
    is_there = state in (State.CONNECTED, State.RECONNECT)
    path = V2 if version == "v2" else V3
    address = changed(installation, state=state, mbe_version=version)
    assert (path in address) is is_there
    assert bool(address) is is_there


def test_without_page_or_business_manager_there_is_no_v3_one(installation: Installation) -> None:
    assert changed(installation, business_manager_id="") == ""
    installation.features.update(connected_assets={})
    assert changed(installation, business_manager_id="77") == ""
    assert "asset_id=42" in changed(installation, assets={"pages": ["42"]})


def test_an_imported_business_of_which_meta_told_nothing_yet_has_v2s(installation: Installation) -> None:
    token = AccessTokenFactory.create(installation=installation, is_imported=True)
    assert V2 in changed(installation, state=State.RECONNECT, mbe_version="")
    assert V3 in changed(installation, mbe_version="v3")
    token.is_imported = False
    token.save()
    assert V3 in changed(installation, mbe_version="")


def test_both_open_at_meta_and_the_first_v3_answer_changes_the_one_for_the_other(meta: Meta) -> None:
    meta.turn(refuse_system_user_token=True)
    meta.speak("v2")
    installation = meta.installation("salon", "page_cta")
    drain()
    for path, version in ((V2, "v3"), (V3, "v3")):
        address = management_url(Installation.objects.get())
        assert urlsplit(address).path == path
        answer = requests.get(address, timeout=10)
        assert (answer.status_code, "page_cta" in answer.text) == (200, True)
        meta.speak(version)
        hint(installation)
        Installation.objects.update(not_before=None)
        drain()
