"""Rows for the admin's lists by the hundred thousand, made in the database itself.

Four partners share the rows in turn; each business has one installation with five features and changes, one launch link
with an attempt, one delivery with a notice, and one entry in the audit log.
"""

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from onboarding.models import EntryPoint
from partners.models import Membership, MetaApp, Partner, Role
from tests.bench.databases import by_owner, disconnect, see_every_partner

PARTNERS = 4
FEATURES = 5
PLATFORM, MEMBER = "platform", "member"

# Businesses have the numbers 1 to %(businesses)s; partners, apps and entry points 1 to 4.
_OF_PARTNER = "1 + n %% 4"
_STATEMENTS = (
    f"""
    INSERT INTO partners_business
        (id, partner_id, external_business_id, name, verticals, timezone, currency, domain, created_at)
    SELECT n, {_OF_PARTNER}, 'shop-' || n || '-hk', 'Shop ' || n, '{{}}', 'UTC', 'USD', '', now()
    FROM generate_series(1, %(businesses)s) n
    """,
    f"""
    INSERT INTO features_installation
        (id, partner_id, meta_app_id, business_id, state, reason, reason_detail, business_manager_id, token_type,
         assets, additional_info, requested_generation, requested_cause, applied_generation, uninstall_generation,
         is_stopped, wait, failures, last_error, configuration_error, created_at, synced_at, mbe_version, channel,
         configuration_generation, wanted_defaults)
    SELECT n, {_OF_PARTNER}, {_OF_PARTNER}, n,
        (ARRAY['connected', 'connected', 'connected', 'pending', 'reconnect', 'disconnected'])[1 + n %% 6], '', '',
        'manager-' || n, 'User', '{{}}', '{{}}', 1, 'webhook', 1, 0, false, '', 0, '', '', now(), now(),
        (ARRAY['v2', 'v3', 'v3', ''])[1 + n / 6 %% 4], '', 0, '{{}}'
    FROM generate_series(1, %(businesses)s) n
    """,
    f"""
    INSERT INTO features_feature
        (id, partner_id, installation_id, feature_instance_id, feature_type, feature_type_raw, feature_name,
         connected_assets, additional_info, configuration, is_enabled, installed_at, is_implied)
    SELECT (n - 1) * %(features)s + kind, {_OF_PARTNER}, n, 'instance-' || n || '-' || kind, types[kind], types[kind],
        '', '{{"page_id": "1"}}', '{{}}', '{{}}', true, now(), kind = 1 AND n / 24 %% 4 = 0
    FROM (SELECT ARRAY['page_cta', 'pixel', 'catalog', 'ads', 'messaging'] AS types) each_type,
        generate_series(1, %(businesses)s) n, generate_series(1, %(features)s) kind
    """,
    """
    INSERT INTO features_change
        (id, partner_id, installation_id, feature_id, occurred_at, kind, cause, generation, before, after)
    SELECT id, partner_id, installation_id, id, now(), (ARRAY['installed', 'changed', 'configured'])[1 + id %% 3],
        (ARRAY['webhook', 'return', 'reconcile', 'staff'])[1 + id / 7 %% 4], 1, '{}', '{}'
    FROM features_feature
    """,
    f"""
    INSERT INTO onboarding_launchlink
        (id, partner_id, business_id, entry_point_id, token_hash, created_at, expires_at)
    SELECT n, {_OF_PARTNER}, n, {_OF_PARTNER}, md5(n::text), now(), now() + interval '1 day'
    FROM generate_series(1, %(businesses)s) n
    """,
    f"""
    INSERT INTO onboarding_onboardingattempt
        (id, partner_id, business_id, meta_app_id, entry_point_id, launch_link_id, public_id, state_hash, browser_hash,
         outcome, error_code, error_message, started_at, expires_at, replays, foreign_returns, way_in,
         use_minimal_onboarding, is_arm_chosen)
    SELECT n, {_OF_PARTNER}, n, {_OF_PARTNER}, {_OF_PARTNER}, n, gen_random_uuid(), md5(n::text), '',
        (ARRAY['succeeded', 'succeeded', 'started', 'cancelled', 'failed'])[1 + n %% 5], '', '', now(), now(), 0, 0,
        'login', true, false
    FROM generate_series(1, %(businesses)s) n
    """,
    f"""
    INSERT INTO webhooks_delivery
        (id, partner_id, meta_app_id, received_at, sealed_body, size, status, processed_at, problem)
    SELECT n, {_OF_PARTNER}, {_OF_PARTNER}, now(), '', 1000,
        (ARRAY['processed', 'processed', 'processed', 'unreadable', 'failed'])[1 + n %% 5], now(), ''
    FROM generate_series(1, %(businesses)s) n
    """,
    f"""
    INSERT INTO webhooks_deliverednotice
        (id, partner_id, meta_app_id, delivery_id, position, digest, field, fbe_event, external_business_id,
         business_manager_id, says_uninstall, sent_at, outcome, installation_id)
    SELECT n, {_OF_PARTNER}, {_OF_PARTNER}, n, 0, md5(n::text), 'fbe_install', 'UPDATE', 'shop-' || n || '-hk',
        'manager-' || n, false, now(), (ARRAY['hinted', 'hinted', 'duplicate', 'unknown_business'])[1 + n / 4 %% 4], n
    FROM generate_series(1, %(businesses)s) n
    """,
    f"""
    INSERT INTO audit_auditentry
        (id, partner_id, occurred_at, actor_id, actor_name, via, address, action, object_type, object_id, object_name,
         changes)
    SELECT n, {_OF_PARTNER}, now(), 1, 'shop-' || n %% 100 || '-', 'admin', '127.0.0.1',
        (ARRAY['added', 'changed', 'sync_asked'])[1 + n / 4 %% 3], 'partners.business', n::text, 'Shop ' || n, '{{}}'
    FROM generate_series(1, %(businesses)s) n
    """,
)


def fill(businesses: int) -> None:
    """Migrate this process's database and fill it."""
    call_command("migrate", verbosity=0)
    see_every_partner()
    _make_partners()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for statement in _STATEMENTS:
            cursor.execute(statement, {"businesses": businesses, "features": FEATURES})
    disconnect()
    # As autovacuum would have done by the time that so many rows are there.
    by_owner("VACUUM ANALYZE")


def _make_partners() -> None:
    for number in range(1, PARTNERS + 1):
        partner = Partner.objects.create(pk=number, slug=f"partner-{number}", name=f"Partner {number}")
        app = MetaApp(pk=number, partner=partner, app_id=str(number), name=f"App {number}")
        app.secret, app.verify_token = "secret", "token"
        app.save()
        EntryPoint.objects.create(pk=number, partner=partner, meta_app=app, slug="book", vertical="APPOINTMENTS")
    User.objects.create_superuser(PLATFORM)
    member = User.objects.create_user(MEMBER, is_staff=True)
    Membership.objects.create(partner_id=1, user=member, role=Role.OWNER)
