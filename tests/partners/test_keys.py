"""Keys: which were used is known, and a missing one is named."""

import pytest
from cryptography.fernet import Fernet
from django.core.checks import Tags, run_checks
from pytest_django import Settings

from partners.keys import fingerprint, problem_with_keys, use_keys
from partners.models import EncryptionKey
from tests.factories import MetaAppFactory

pytestmark = pytest.mark.django_db

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def recorded() -> set[str]:
    """The fingerprints of the keys that were used."""
    return set(EncryptionKey.objects.values_list("fingerprint", flat=True))


def test_a_fingerprint_is_the_same_however_a_key_is_written_and_holds_nothing_of_it() -> None:
    key = "-_" * 21 + "-="
    assert fingerprint(key) == fingerprint(key.replace("-", "+").replace("_", "/"))
    assert len(fingerprint(OLD)) == 12 and fingerprint(OLD) != fingerprint(NEW)


def test_the_first_start_records_every_key_and_a_later_one_the_newest(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = (NEW, OLD)
    assert use_keys() == ""
    assert recorded() == {fingerprint(OLD), fingerprint(NEW)}
    newest = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = (newest, NEW, Fernet.generate_key().decode(), OLD)
    assert use_keys() == ""
    assert recorded() == {fingerprint(OLD), fingerprint(NEW), fingerprint(newest)}


def test_a_missing_key_is_named_with_when_it_was_used_and_nothing_is_recorded(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = (OLD,)
    use_keys()
    since = EncryptionKey.objects.get().first_used_at
    settings.ENCRYPTION_KEYS = (NEW,)
    problem = use_keys()
    assert fingerprint(OLD) in problem and f"{since:%Y-%m-%d %H:%M}" in problem and "rotate_keys" in problem
    assert "\n" not in problem and OLD not in problem and NEW not in problem
    assert recorded() == {fingerprint(OLD)}


def test_before_any_key_is_recorded_what_is_kept_has_to_open(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = (OLD,)
    app = MetaAppFactory.create()
    settings.ENCRYPTION_KEYS = (NEW,)
    assert f"the secret of app {app.app_id}" in use_keys()
    assert recorded() == set()
    settings.ENCRYPTION_KEYS = (NEW, OLD)
    assert use_keys() == ""


def test_djangos_check_of_the_database_says_the_same(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = (OLD,)
    use_keys()
    settings.ENCRYPTION_KEYS = (NEW,)
    (error,) = run_checks(tags=[Tags.database], databases=["default"])
    assert error.id == "partners.E001"
    assert error.msg == problem_with_keys()
