"""Everything that somebody changes or presses is in the audit log, and no secret is."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from onboarding.models import EntryPoint, LaunchLink
from partners.audit.models import Action, AuditEntry, Via
from partners.models import Business, MetaApp, Partner
from tests.admin_rows import Tenant, notice_of, page, signed_in, superuser, tenant_with_everything, tool
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Tenant:
    """Somebody who may do everything for a partner; the log begins empty for what the test looks at."""
    return tenant_with_everything()


def newest() -> AuditEntry:
    """The entry that was written last."""
    entry = AuditEntry.objects.order_by("pk").last()
    assert entry is not None
    return entry


NO_ARMS = {"arm_overrides-TOTAL_FORMS": "0", "arm_overrides-INITIAL_FORMS": "0"}


def post(client: Client, address: str, data: dict[str, Any] | None = None) -> None:
    """Send a form that is taken."""
    answer = client.post(address, data or {}, REMOTE_ADDR="192.0.2.44")
    assert answer.status_code in (200, 302)
    assert "adminform" not in (answer.context or {}), answer.context["adminform"].form.errors
    assert not LogEntry.objects.exists()


def by_owner(owner: Tenant, entry: AuditEntry, action: Action) -> bool:
    """Whether the owner did this, in the admin, for the own partner."""
    return (entry.action, entry.actor_name, entry.partner_id, entry.via, entry.address) == (
        action,
        owner.member.username,
        owner.partner.pk,
        Via.ADMIN,
        "192.0.2.44",
    )


def test_a_business_is_added_changed_and_removed(owner: Tenant) -> None:
    form = {"name": "Corner", "external_business_id": "c-1", "timezone": "Asia/Hong_Kong", "currency": "HKD"}
    post(owner.client(), reverse("admin:partners_business_add"), form)
    assert by_owner(owner, newest(), Action.ADDED)
    assert newest().changes["name"] == [None, "Corner"]
    business = Business.objects.get(external_business_id="c-1")
    changed = form | {"name": "Corner Shop", "verticals": ["ECOMMERCE"]}
    post(owner.client(), page("partners_business", business), changed | NO_ARMS)
    assert by_owner(owner, newest(), Action.CHANGED)
    assert newest().changes == {"name": ["Corner", "Corner Shop"], "verticals": [[], ["ECOMMERCE"]]}
    post(owner.client(), page("partners_business", business, "delete"), {"post": "yes"})
    assert by_owner(owner, newest(), Action.REMOVED)
    assert newest().object_id == str(business.pk)
    assert newest().changes["name"] == ["Corner Shop", None]


def test_a_form_that_changes_nothing_leaves_no_entry(owner: Tenant) -> None:
    count = AuditEntry.objects.count()
    business = owner.rows["partners_business"]
    assert isinstance(business, Business)
    form = {"name": business.name, "timezone": business.timezone, "currency": business.currency}
    post(owner.client(), page("partners_business", business), form | NO_ARMS)
    assert AuditEntry.objects.count() == count


def test_an_apps_secrets_appear_as_replaced(owner: Tenant) -> None:
    form = {"app_id": "4711", "name": "Live", "features": ["page_cta"]}
    secrets = {"new_secret": "hidden-4455", "new_verify_token": "hidden-4466"}
    post(owner.client(), reverse("admin:partners_metaapp_add"), form | secrets)
    assert by_owner(owner, newest(), Action.ADDED)
    app = MetaApp.objects.get(app_id="4711")
    post(owner.client(), page("partners_metaapp", app), form | {"new_secret": "hidden-4477", "new_verify_token": ""})
    assert by_owner(owner, newest(), Action.SECRET_REPLACED)
    assert newest().changes == {"secret": ["", "replaced"]}
    assert "hidden-44" not in json.dumps(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_an_entry_point_is_changed_with_readable_values(owner: Tenant) -> None:
    app = owner.rows["partners_metaapp"]
    form = {"meta_app": app.pk, "slug": "spare", "vertical": "ECOMMERCE", "minimal_onboarding_percent_menu": "all"}
    post(owner.client(), reverse("admin:onboarding_entrypoint_add"), form | {"is_active": "on", "cta_defaults": "{}"})
    assert by_owner(owner, newest(), Action.ADDED)
    assert newest().changes["meta_app"] == [None, str(app)]
    entry_point = EntryPoint.objects.get(slug="spare")
    post(owner.client(), page("onboarding_entrypoint", entry_point), form | {"cta_defaults": "{}"})
    assert newest().changes == {"is_active": [True, False]}


def test_a_link_is_made_and_revoked(owner: Tenant) -> None:
    business = owner.rows["partners_business"]
    post(owner.client(), reverse("admin:onboarding_launchlink_add"), {"business": business.pk})
    assert by_owner(owner, newest(), Action.LINK_MADE)
    entry_point = owner.rows["onboarding_entrypoint"]
    post(owner.client(), tool("partners_business", business, "new_launch_link"), {"entry_point": entry_point.pk})
    assert by_owner(owner, newest(), Action.LINK_MADE)
    link = LaunchLink.objects.order_by("pk").last()
    assert link is not None
    assert newest().object_id == str(link.pk)
    post(owner.client(), tool("onboarding_launchlink", link, "revoke"))
    assert by_owner(owner, newest(), Action.LINK_REVOKED)


@pytest.mark.parametrize(
    ("kind", "method", "action"),
    [
        ("features_installation", "press_sync", Action.SYNC_ASKED),
        ("partners_business", "press_sync", Action.SYNC_ASKED),
        ("webhooks_delivery", "press_process_again", Action.PROCESSED_AGAIN),
        ("webhooks_deliverednotice", "press_adopt", Action.ADOPTED),
    ],
)
def test_every_button_is_recorded(owner: Tenant, kind: str, method: str, action: Action) -> None:
    post(owner.client(), tool(kind, owner.rows[kind], method))
    assert by_owner(owner, newest(), action)


@pytest.mark.parametrize(
    ("kind", "name", "action"),
    [
        ("features_installation", "sync_now", Action.SYNC_ASKED),
        ("partners_business", "sync_now", Action.SYNC_ASKED),
        ("webhooks_delivery", "process_again", Action.PROCESSED_AGAIN),
        ("webhooks_deliverednotice", "adopt_chosen", Action.ADOPTED),
        ("onboarding_launchlink", "revoke_chosen", Action.LINK_REVOKED),
    ],
)
def test_every_action_is_recorded_for_each_row(owner: Tenant, kind: str, name: str, action: Action) -> None:
    delivery = owner.rows["webhooks_delivery"]
    notice_of(delivery, "second-walk-in", position=1)  # type: ignore[arg-type]
    model = type(owner.rows[kind])
    chosen = list(model._default_manager.values_list("pk", flat=True))
    before = AuditEntry.objects.count()
    data = {"action": name, "_selected_action": chosen, "confirmed": "yes"}
    post(owner.client(), reverse(f"admin:{kind}_changelist"), data)
    assert AuditEntry.objects.count() == before + len(chosen)
    assert by_owner(owner, newest(), action)


def test_a_partner_that_platform_staff_make_and_rename_has_a_log(owner: Tenant) -> None:
    client = signed_in(superuser())
    none = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    post(client, reverse("admin:partners_partner_add"), {"name": "New", "slug": "new"} | none)
    partner = Partner.objects.get(slug="new")
    assert (newest().partner_id, newest().action) == (partner.pk, Action.ADDED)
    post(client, page("partners_partner", partner), {"name": "Newer"} | none)
    assert newest().changes == {"name": ["New", "Newer"]}


COMMANDS: list[tuple[Sequence[str], Action]] = [
    (("add_partner", "{partner}", "--name", "Renamed"), Action.CHANGED),
    (("add_partner", "{partner}", "--app-id", "{app}", "--app-secret", "hidden-9911"), Action.SECRET_REPLACED),
    (("add_business", "{partner}", "b-9", "--name", "Nine"), Action.ADDED),
    (("add_business", "{partner}", "{business}", "--currency", "EUR"), Action.CHANGED),
    (("add_entry_point", "{partner}", "button", "--vertical", "ECOMMERCE"), Action.ADDED),
    (("launch_link", "{partner}", "{business}"), Action.LINK_MADE),
]


@pytest.mark.parametrize(("words", "action"), COMMANDS, ids=lambda value: str(value))
def test_every_command_is_recorded(owner: Tenant, words: Sequence[str], action: Action) -> None:
    app, business = owner.rows["partners_metaapp"], owner.rows["partners_business"]
    assert isinstance(app, MetaApp)
    assert isinstance(business, Business)
    known = {"partner": owner.partner.slug, "app": app.app_id, "business": business.external_business_id}
    call_command(*(word.format(**known) for word in words), stdout=io.StringIO())
    entry = newest()
    assert (entry.action, entry.via, entry.partner_id, entry.address) == (action, Via.COMMAND, owner.partner.pk, None)
    assert entry.actor_name.endswith(f": manage.py {words[0]}")
    assert "hidden" not in json.dumps(entry.changes)


def test_a_command_run_again_with_the_same_words_leaves_no_entry(owner: Tenant) -> None:
    words = ("add_business", owner.partner.slug, "b-9", "--name", "Nine")
    call_command(*words, stdout=io.StringIO())
    count = AuditEntry.objects.count()
    call_command(*words, stdout=io.StringIO())
    assert AuditEntry.objects.count() == count


def test_an_act_that_fails_leaves_no_entry(owner: Tenant) -> None:
    count = AuditEntry.objects.count()
    answer = owner.client().post(reverse("admin:partners_business_add"), {"name": "Corner"})
    assert answer.status_code == 200
    post(owner.client(), reverse("admin:index"))
    assert AuditEntry.objects.count() == count


def test_a_person_whom_platform_staff_change_is_in_the_platforms_log() -> None:
    person = UserFactory.create()
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    words = {"password1": "correct horse battery 2", "password2": "correct horse battery 2", "usable_password": "true"}
    post(signed_in(superuser()), address, words)
    assert (newest().partner_id, newest().object_name) == (None, person.username)
    assert newest().action == Action.PASSWORD_CHANGED
    assert newest().changes["password"] == ["", "replaced"]


def test_a_sync_by_command_is_recorded_for_each_business(owner: Tenant) -> None:
    installation = owner.rows["features_installation"]
    call_command("sync", owner.partner.slug, stdout=io.StringIO(), stderr=io.StringIO())
    entry = newest()
    assert (entry.action, entry.via, entry.object_id) == (Action.SYNC_ASKED, Via.COMMAND, str(installation.pk))
