"""Rotating the keys: everything sealed anew, nothing overwritten, nothing lost, whatever else is written meanwhile."""

import io
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import BinaryField
from pytest_django import Settings

from features.models import AccessToken
from partners import rotation
from partners.app_secrets import replace_secret
from partners.commands import BadInput
from partners.encryption import is_newest, seal, unseal
from partners.keys import fingerprint, use_keys
from partners.models import EncryptionKey, MetaApp
from partners.tenancy import tenant
from tests.admin_rows import delivery_of, notice_of
from tests.factories import AccessTokenFactory, InstallationFactory, MetaAppFactory
from webhooks.models import DeliveredNotice, Delivery

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def old_key(settings: Settings) -> None:
    """The key under which the rows of the test are made."""
    settings.ENCRYPTION_KEYS = (OLD,)


@pytest.fixture
def new_key(settings: Settings) -> Callable[[], None]:
    """Puts a new key in front of the old one, as after a restart."""

    def put() -> None:
        use_keys()
        settings.ENCRYPTION_KEYS = (NEW, OLD)
        use_keys()

    return put


def rotate(*words: str) -> list[str]:
    """Run the command; the lines that it prints."""
    out = io.StringIO()
    call_command("rotate_keys", *words, stdout=out)
    return out.getvalue().splitlines()


def test_every_sealed_column_is_in_the_list() -> None:
    sealed = {
        (model, each.name)
        for model in apps.get_models()
        for each in model._meta.get_fields()
        if isinstance(each, BinaryField) and each.name.startswith("sealed")
    }
    assert {(column.model, column.name) for column in rotation.columns()} == sealed


@pytest.mark.django_db
@pytest.mark.parametrize("is_first", [False, True], ids=["after another key", "as the first key"])
def test_before_any_process_started_with_the_newest_key_nothing_is_touched(
    old_key: None, settings: Settings, is_first: bool
) -> None:
    app = MetaAppFactory.create()
    if not is_first:
        use_keys()
    before = set(EncryptionKey.objects.values_list("fingerprint", flat=True))
    settings.ENCRYPTION_KEYS = (NEW, OLD)
    for _again in range(2):
        with pytest.raises(BadInput, match=f"{fingerprint(NEW)} yet: restart every process .* say --idle") as failure:
            rotate()
        assert failure.value.returncode == 2
    assert set(EncryptionKey.objects.values_list("fingerprint", flat=True)) == before
    assert bytes(MetaApp.objects.get().sealed_secret) == bytes(app.sealed_secret)


@pytest.mark.django_db
def test_with_nothing_running_it_needs_no_process_before_it(old_key: None, settings: Settings) -> None:
    MetaAppFactory.create()
    use_keys()
    settings.ENCRYPTION_KEYS = (NEW, OLD)
    assert rotate("--idle")[-1] == f"the key {fingerprint(OLD)} can be taken out of ENCRYPTION_KEYS"
    settings.ENCRYPTION_KEYS = (NEW,)
    assert use_keys() == ""


@pytest.mark.django_db
def test_rolled_out_behind_the_old_key_the_new_one_counts_once_it_is_in_front(
    old_key: None, settings: Settings
) -> None:
    MetaAppFactory.create()
    use_keys()
    settings.ENCRYPTION_KEYS = (OLD, NEW)
    use_keys()
    settings.ENCRYPTION_KEYS = (NEW, OLD)
    with pytest.raises(BadInput, match="--idle"):
        rotate()
    use_keys()
    assert rotate()[-1].startswith(f"the key {fingerprint(OLD)} can")


@pytest.mark.django_db
def test_everything_is_sealed_anew_and_the_old_key_can_go(
    old_key: None, new_key: Callable[[], None], settings: Settings
) -> None:
    token = AccessTokenFactory.create(secret="EAAone")
    app = token.installation.meta_app
    replace_secret(app, "a second secret")
    app.save()
    delivery = delivery_of(token.installation, b"x" * 5_000_000)
    notice = notice_of(delivery, "walk-in")
    new_key()
    lines = rotate()
    assert lines[0].startswith("6 of 6 values")
    assert lines[-1] == f"the key {fingerprint(OLD)} can be taken out of ENCRYPTION_KEYS"
    assert set(EncryptionKey.objects.values_list("fingerprint", flat=True)) == {fingerprint(NEW)}
    settings.ENCRYPTION_KEYS = (NEW,)
    assert use_keys() == ""
    app = MetaApp.objects.get()
    assert (app.secret, app.verify_token) == ("a second secret", "verify-token")
    assert app.sealed_previous_secret is not None and unseal(app.sealed_previous_secret) == "app-secret"
    assert AccessToken.objects.get().secret == "EAAone"
    assert Delivery.objects.get().raw_body == b"x" * 5_000_000
    assert unseal(DeliveredNotice.objects.get(pk=notice.pk).sealed_token or b"") == "token-of-a-walk-in"


@pytest.mark.django_db
def test_what_is_new_already_is_not_written_again(old_key: None, new_key: Callable[[], None]) -> None:
    MetaAppFactory.create()
    new_key()
    rotate()
    before = MetaApp.objects.values_list("sealed_secret", "sealed_verify_token").get()
    assert rotate()[0].startswith("0 of 2 values")
    assert MetaApp.objects.values_list("sealed_secret", "sealed_verify_token").get() == before


@pytest.mark.django_db
def test_stopped_in_the_middle_it_says_so_and_goes_on_the_next_time(
    old_key: None, new_key: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    MetaAppFactory.create_batch(3)
    new_key()
    batches = itertools.count()

    def stop(_tally: rotation.Tally) -> None:
        if next(batches) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "BATCH_ROWS", 1)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(stop)
    assert sum(is_newest(each) for each in MetaApp.objects.values_list("sealed_secret", flat=True)) == 3
    assert rotate()[0].startswith("3 of 6 values")


@pytest.mark.django_db
def test_what_no_key_opens_is_named_and_left_as_it_is(old_key: None, new_key: Callable[[], None]) -> None:
    lost = AccessTokenFactory.create()
    AccessToken.objects.update(sealed=b"sealed with a key that is gone")
    other = AccessTokenFactory.create(secret="EAAother")
    new_key()
    with pytest.raises(CommandError, match=f"opens 1 of features_accesstoken.sealed: id {lost.pk}") as failure:
        rotate()
    assert failure.value.returncode != 0
    lost.refresh_from_db()
    other.refresh_from_db()
    assert bytes(lost.sealed) == b"sealed with a key that is gone"
    assert is_newest(other.sealed)


@pytest.mark.django_db
def test_a_lost_key_is_named_and_can_be_given_up(old_key: None, settings: Settings) -> None:
    app = MetaAppFactory.create()
    use_keys()
    settings.ENCRYPTION_KEYS = (NEW,)
    with pytest.raises(BadInput, match=fingerprint(OLD)):
        rotate()
    with pytest.raises(BadInput, match="say --idle"):
        rotate("--forget", fingerprint(OLD))
    assert EncryptionKey.objects.get().fingerprint == fingerprint(OLD)
    with pytest.raises(CommandError, match=f"partners_metaapp.sealed_secret: id {app.pk}"):
        rotate("--idle", "--forget", fingerprint(OLD))
    assert use_keys() == ""
    for wrong in (fingerprint(NEW), "nothing"):
        with pytest.raises(BadInput, match=wrong):
            rotate("--forget", wrong)


@contextmanager
def writers(*works: Callable[[int], None]) -> Iterator[list[BaseException]]:
    """Threads that write again and again while the block runs; what went wrong in them."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def run(work: Callable[[int], None]) -> None:
        try:
            for number in itertools.count():
                if stop.is_set():
                    return
                work(number)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_what_is_written_meanwhile_is_never_overwritten(
    transactional_db: None, old_key: None, new_key: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = InstallationFactory.create()
    tokens = AccessTokenFactory.create_batch(60, installation=installation)
    app = installation.meta_app
    delivery_of(installation, b"y" * 100_000)
    written: dict[int, str] = {}
    secrets: list[str] = []

    def write_tokens(number: int) -> None:
        token = tokens[number * 7 % len(tokens)]
        with tenant(installation.partner_id):
            AccessToken.objects.filter(pk=token.pk).update(sealed=seal(f"EAA{number}"))
        written[token.pk] = f"EAA{number}"

    def replace(number: int) -> None:
        words = ("--app-id", app.app_id, "--app-secret", f"secret-{number}")
        call_command("add_partner", app.partner.slug, *words, stdout=io.StringIO())
        secrets.append(f"secret-{number}")

    def deliver(number: int) -> None:
        with transaction.atomic():
            delivery_of(installation, b"z" * number)

    new_key()
    monkeypatch.setattr(rotation, "BATCH_ROWS", 7)
    with writers(write_tokens, replace, deliver) as failures:
        rotate()
    assert failures == []
    assert len(written) > 10 and len(secrets) > 2
    kept = {each.pk: each.secret for each in AccessToken.objects.all()}
    assert kept == {each.pk: each.secret for each in tokens} | written
    assert MetaApp.objects.get().secret == secrets[-1]
    for column in rotation.columns():
        assert all(is_newest(sealed) for sealed in column.rows.values_list(column.name, flat=True))


def test_values_that_keep_coming_with_an_older_key_are_said_to_do_so(
    transactional_db: None, old_key: None, new_key: Callable[[], None]
) -> None:
    app = MetaAppFactory.create()
    new_key()
    old = Fernet(OLD.encode())

    def write_with_the_old_key(_number: int) -> None:
        MetaApp.objects.filter(pk=app.pk).update(sealed_verify_token=old.encrypt(b"verify-token"))

    with writers(write_with_the_old_key), pytest.raises(CommandError, match="restart every process"):
        rotate()
    assert EncryptionKey.objects.filter(fingerprint=fingerprint(OLD)).exists()
    assert rotate()[-1].endswith("can be taken out of ENCRYPTION_KEYS")
