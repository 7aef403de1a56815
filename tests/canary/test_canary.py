"""Known secrets are driven through every path of a whole stack; afterwards none stands anywhere in the clear."""

import base64
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from mbe.signature import appsecret_proof
from tests.canary import media
from tests.canary.finder import Find, Place
from tests.canary.ground import Ground
from tests.canary.merchants import drive_faults, drive_merchants, drive_webhooks
from tests.canary.post_office import PostOffice
from tests.canary.staff import drive_admin, drive_people
from tests.waiting import eventually

CONTROL = "no secret, planted to be found"
# (secret, medium, place): where a secret may stand, and why. Each is a pattern for the whole name.
ALLOWED = (
    # The start keeps what it made in files that their owner alone can read; the broker reads its password in one.
    (r"SECRET_KEY|ENCRYPTION_KEYS", "file", r"secrets\.env"),
    ("password of database and broker", "file", r"services-password|services\.json|valkey/valkey\.conf"),
    # The command's job is to print the link for whoever asked for it.
    ("launch link's token", "output", "of launch_link"),
    # A link's own page has its buttons, whose addresses begin with the link's.
    (r"launch link's token|cookie .*", "page", r"/connect/<launch link's token>/.* for merchant.*"),
    (r"launch link's token|cookie .*", "page", r"/connect/result/.* for merchant.*"),
    # Django's 404 page for developers repeats the address to whoever has typed it.
    ("a launch link's token with a slip", "page", r"/connect/.*/ for somebody, GET, 404"),
    # Shown once, to whom it is for.
    ("invitation's token", "page", r"/admin/people/invitation/add/ for platform staff, POST, 200"),
    (r"password-reset token.*", "page", r"/account/members/\d+/reset-link/ for platform staff, POST, 200"),
    (r"TOTP key.*", "page", r"/account/second-factor/set-up/ for owner, .*, 200"),
    (r"recovery code.*", "page", r"/account/second-factor/set-up/ for owner, POST, 200"),
    # Sessions are Django's rows; they end with the sign-in, and the table is outside of every partner's reach.
    ("owner's session key", "dump", "django_session"),
)


def is_allowed(find: Find) -> bool:
    """Whether the secret may stand there."""
    parts = (find.secret, find.place.medium, find.place.name)
    return any(all(map(re.fullmatch, patterns, parts)) for patterns in ALLOWED)


@pytest.fixture(params=["shown", pytest.param("mailed", marks=pytest.mark.long)])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ground, PostOffice | None]]:
    """Two stacks: with DEBUG and links on pages; without, and with mail, as in production."""
    office = PostOffice() if request.param == "mailed" else None
    password = f"canary-{secrets.token_hex(24)}"
    variables = {"EMAIL_URL": office.url(password)} if office else {"DEBUG": "true"}
    made = Ground(tmp_path / "var", **variables)
    try:
        made.canaries.add("password of the mail server", password)
        made.begin()
        yield made, office
    finally:
        made.stack.end()
        if office:
            office.shutdown()
            office.server_close()


def test_no_secret_shows_anywhere(ground: tuple[Ground, PostOffice | None]) -> None:
    portal, office = ground
    plant_control(portal)
    token = drive_merchants(portal)
    drive_webhooks(portal)
    owner = drive_people(portal, office.mails if office else None)
    drive_faults(portal, token)
    drive_admin(portal, owner, control=portal.control)
    rotate(portal)
    know_what_meta_issued(portal)
    assert all(stumbled(portal, part) for part in ("web", "worker"))
    finds = sorted({find for place, content in seen(portal) for find in portal.canaries.search(place, content)})
    planted = {find.place.medium for find in finds if find.secret == CONTROL}
    assert planted >= {"log", "file", "dump", "broker", "page", "output", "CSV"}
    leaks = [str(find) for find in finds if find.secret != CONTROL and not is_allowed(find)]
    assert not leaks, "\n".join(leaks)


def plant_control(portal: Ground) -> None:
    """Put a text that is no secret into every medium: where it is not found, nothing would be."""
    portal.control = portal.new(CONTROL, "planted-")
    portal.command("add_partner", "demo", "--name", portal.control)
    portal.command("sync", portal.control)
    portal.visitor("somebody").get(f"/{portal.control}/")
    with Redis.from_url(media.services(portal.stack)["REDIS_URL"]) as client:
        client.rpush("a queue that nobody reads", base64.b64encode(portal.control.encode()))


def rotate(portal: Ground) -> None:
    """Encrypt with a key that the running processes do not have, and let them stumble over it."""
    old = media.kept_secrets(portal.stack)["ENCRYPTION_KEYS"]
    new = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    portal.canaries.add("newest ENCRYPTION_KEYS", new)
    assert "encrypted anew" in portal.command("rotate_keys", "--idle", ENCRYPTION_KEYS=f"{new},{old}")
    eventually(lambda: portal.webhook(b"{}") != 200, within=20)


def stumbled(portal: Ground, part: str) -> bool:
    """Whether a part has written tracebacks, and all the rest that it writes at DEBUG."""
    log = (portal.stack.directory / "log" / f"{part}.log").read_text()
    return "Traceback" in log and " DEBUG " in log


def know_what_meta_issued(portal: Ground) -> None:
    """Look for every token that the sandbox ever gave out, and for the proofs made of them."""
    text = (portal.stack.directory / "sandbox.json").read_text()
    issued = sorted(set(re.findall(r"EAAsandbox[0-9a-f]{48}", text)))
    assert len(issued) > 5
    for token in issued:
        portal.canaries.add("token that Meta issued", token)
        for secret in (portal.secret, portal.previous):
            portal.canaries.add("appsecret_proof", appsecret_proof(token, secret))
    kinds = {kind for (kind,) in portal.stack.sql("SELECT kind FROM features_accesstoken")}
    assert {"login", "system_user"} <= kinds, kinds


def seen(portal: Ground) -> Iterator[tuple[Place, bytes]]:
    """All that anybody could read."""
    yield from portal.pages.kept
    yield from portal.printed
    yield from media.everything(portal.stack)
