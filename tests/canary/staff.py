"""Partner staff and platform staff: how they come in, prove who they are, and every page that they can open."""

import base64
import re
import time
from datetime import UTC, datetime

from django_otp.oath import TOTP

from tests.canary.finder import Place
from tests.canary.ground import Ground
from tests.canary.visitor import Visitor
from tests.waiting import eventually

OWNER = "owner@canary.example"


def drive_people(ground: Ground, mails: list[str] | None) -> Visitor:
    """Invite an owner, who joins, sets up a second factor and has the password reset; give the owner's browser."""
    staff = _platform(ground)
    made = staff.post("/admin/people/invitation/add/", {"email": OWNER, "role": "owner"})
    if mails is not None:
        # The mail server refuses the first mail; nobody here waits a minute for the next try.
        eventually(lambda: ground.stack.sql("SELECT 1 FROM people_invitation WHERE mail_problem <> ''"))
        ground.stack.sql("UPDATE people_invitation SET mail_due_at = now()")
    link = _link(made.text, [] if mails is None else mails, r"/account/invitation/([\w-]{43})/")
    token = ground.know("invitation's token", link)
    password = ground.new("a person's password", "Heron-")
    join = {"name": "Ann", "password1": password, "password2": password}
    owner = ground.visitor("owner")
    assert owner.get(f"/account/invitation/{token}/").status_code == 200
    with ground.without("partners_membership"):
        assert owner.post("/account/invitation/", join).status_code == 500
    assert "errorlist" in owner.post("/account/invitation/", {**join, "password2": "x"}).text
    assert owner.post("/account/invitation/", join).status_code == 200
    codes = _second_factor(ground, owner)
    _reset(ground, staff, [] if mails is None else mails)
    wrong = ground.visitor("somebody who errs")
    wrong.sign_in(OWNER, ground.new("a wrong password"))
    with ground.without("auth_user"):
        assert wrong.sign_in(OWNER, password).status_code == 500
    return _sign_in(ground, codes)


def drive_admin(ground: Ground, owner: Visitor, control: str) -> None:
    """Open every page as owner and as platform staff; send forms that come back; press what replays; export."""
    (app,) = ground.stack.sql("SELECT id FROM partners_metaapp")[0]
    typed = {
        "new_secret": ground.new("app secret in a form that is refused"),
        "new_verify_token": ground.new("verify token in a form that is refused"),
    }
    for path in ("/admin/partners/metaapp/add/", f"/admin/partners/metaapp/{app}/change/"):
        again = owner.post(path, {"name": "", "app_id": "", "features": "no-such-thing", **typed})
        assert again.status_code == 200 and "errorlist" in again.text
    with ground.without("audit_auditentry"):
        good = {"name": control, "features": "page_cta", **typed}
        assert owner.post(f"/admin/partners/metaapp/{app}/change/", good).status_code == 500
    _press(ground, owner)
    _export(ground, owner, control)
    staff = _platform(ground)
    for who in (owner, staff):
        paths = who.walk("/admin/")
        assert {"/admin/webhooks/delivery/", "/admin/audit/auditentry/", "/admin/partners/metaapp/add/"} <= paths
        for table, name in (
            ("webhooks_delivery", "webhooks/delivery"),
            ("features_installation", "features/installation"),
        ):
            for (key,) in ground.stack.sql(f"SELECT id FROM {table}"):
                assert who.get(f"/admin/{name}/{key}/change/").status_code == 200
        assert who.get(f"/admin/partners/metaapp/{app}/history/").status_code == 200


def _press(ground: Ground, owner: Visitor) -> None:
    for (key,) in ground.stack.sql("SELECT id FROM webhooks_delivery"):
        tool = f"/admin/webhooks/delivery/{key}/tool/press_process_again/"
        assert owner.post(tool, on=f"/admin/webhooks/delivery/{key}/change/").status_code == 200
    unknown = "SELECT id FROM webhooks_deliverednotice WHERE outcome = 'unknown_business'"
    eventually(lambda: not ground.stack.sql("SELECT 1 FROM webhooks_delivery WHERE status = 'received'"))
    for (key,) in ground.stack.sql(unknown)[:1]:
        tool = f"/admin/webhooks/deliverednotice/{key}/tool/press_adopt/"
        assert owner.post(tool, on=f"/admin/webhooks/deliverednotice/{key}/change/").status_code == 200


def _export(ground: Ground, owner: Visitor, control: str) -> None:
    today = str(datetime.now(UTC).date())
    page = owner.post("/admin/audit/auditexport/add/", {"first_day": today, "last_day": today}).url
    eventually(lambda: "/download/" in owner.get(page).text)
    csv = owner.get(page.replace("change/", "download/"))
    assert csv.headers["Content-Type"].startswith("text/csv") and control in csv.text
    ground.pages.kept.append((Place("CSV", "of the audit log"), csv.content))


def _second_factor(ground: Ground, owner: Visitor) -> list[str]:
    owner.post("/account/second-factor/")
    page = owner.get("/account/second-factor/set-up/").text
    found = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page)
    assert found
    grouped = ground.know("TOTP key in groups", found[0])
    key = base64.b32decode(ground.know("TOTP key", grouped.replace(" ", "")))
    ground.canaries.add("TOTP key in bytes", key)
    assert owner.get("/account/second-factor/qr.svg").status_code == 200
    owner.post("/account/second-factor/set-up/", {"code": "12345x"})
    time.sleep(1.1)
    totp = TOTP(key)
    totp.time = time.time()
    shown = owner.post("/account/second-factor/set-up/", {"code": f"{totp.token():06}"}).text
    codes = re.findall(r"<code>([A-Z2-7-]{19})</code>", shown)
    assert len(codes) == 10
    for code in codes:
        ground.canaries.add("recovery code", code)
        ground.canaries.add("recovery code without hyphens", code.replace("-", ""))
    return codes


def _reset(ground: Ground, staff: Visitor, mails: list[str]) -> None:
    (member,) = ground.stack.sql("SELECT m.id FROM partners_membership m JOIN auth_user u ON u.id = user_id")[0]
    pattern = r"/account/reset/(\w+/[\w-]{20,})/"
    for number, name in enumerate(("password-reset token", "password-reset token that waits")):
        made = staff.post(f"/account/members/{member}/reset-link/").text
        found = re.search(pattern, made)
        assert found
        link = found[1]
        token = ground.know(name, link.partition("/")[2])
        somebody = ground.visitor("somebody with a reset link")
        form = somebody.get(f"/account/reset/{link}/")
        assert form.status_code == 200 and token not in form.url
        if not number:
            assert "errorlist" in somebody.post(form.url, {"new_password1": "x", "new_password2": "y"}).text
            ground.password = ground.new("a new password", "Egret-")
            both = {"new_password1": ground.password, "new_password2": ground.password}
            assert somebody.post(form.url, both).url.endswith("/done/")
        time.sleep(1.1)
    if mails:
        before = len(mails)
        ground.visitor("somebody").post("/account/reset/", {"email": OWNER})
        eventually(lambda: len(mails) > before)
        ground.know("mailed password-reset token", _link("", mails, pattern).partition("/")[2])


def _sign_in(ground: Ground, codes: list[str]) -> Visitor:
    owner = ground.visitor("owner")
    asked = owner.sign_in(OWNER, ground.password)
    assert "/verify/" in asked.url
    with ground.without("people_recoverycode"):
        assert owner.post("/account/second-factor/verify/", {"code": codes[1]}).status_code == 500
    assert owner.post("/account/second-factor/verify/", {"code": codes[0], "next": "/admin/"}).status_code == 200
    assert owner.get("/admin/webhooks/delivery/").status_code == 200
    ground.canaries.add("owner's session key", owner.session.cookies["sessionid"])
    return owner


def _platform(ground: Ground) -> Visitor:
    demo = ground.stack.demo
    staff = ground.visitor("platform staff")
    assert staff.sign_in(demo["admin_username"], demo["admin_password"]).status_code == 200
    (partner,) = ground.stack.sql("SELECT id FROM partners_partner WHERE slug = 'demo'")[0]
    assert staff.post("/account/partner-in-view/", {"partner": str(partner)}, on="/admin/").status_code == 200
    return staff


def _link(shown: str, mails: list[str], pattern: str) -> str:
    """What stands in a link that is shown, or mailed where it is not."""
    found: list[str] = re.findall(pattern, shown)
    if not found:
        eventually(lambda: any(re.search(pattern, _joined(mail)) for mail in mails))
        found = [link for mail in mails for link in re.findall(pattern, _joined(mail))]
    return found[-1]


def _joined(mail: str) -> str:
    """Undo the line breaks of a mail's encoding."""
    return mail.replace("=\r\n", "").replace("=3D", "=")
