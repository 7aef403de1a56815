"""The rollout's funnel: counted for an entry point that so many businesses saw, and for one with a tenth of them.

Half of the businesses are in each arm; two in three started, half of those connected, with five features each. Unit:
seconds until the funnel is there, the median of the rounds.
"""

import time
from statistics import median

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from golive.rollout.funnel import funnel_of
from onboarding.models import EntryPoint
from partners.models import MetaApp, Partner
from tests.bench.databases import by_owner, disconnect, drop, recreate, see_every_partner
from tests.bench.parts import process_aside
from tests.bench.report import Row

DATABASE = "bench_rollout"
TENTH, WHOLE = 1, 2
LONGEST_MS = 3_000
_BUSINESS = """
    INSERT INTO partners_business
        (id, partner_id, external_business_id, name, verticals, timezone, currency, domain, created_at)
    SELECT n, 1, 'shop-' || n, 'Shop ' || n, '{}', 'UTC', 'USD', '', now() FROM generate_series(1, %(businesses)s) n
"""
_INSTALLATION = """
    INSERT INTO features_installation
        (id, partner_id, meta_app_id, business_id, state, reason, reason_detail, business_manager_id, token_type,
         assets, additional_info, requested_generation, requested_cause, applied_generation, uninstall_generation,
         is_stopped, wait, failures, last_error, configuration_error, created_at, synced_at, mbe_version, channel,
         configuration_generation, wanted_defaults)
    SELECT n, 1, 1, n, 'connected', '', '', '', '', '{}', '{}', 1, 'return', 1, 0, false, '', 0, '', '', now(), now(),
        'v3', '', 0, '{}'
    FROM generate_series(1, %(businesses)s) n
"""
_FEATURE = """
    INSERT INTO features_feature
        (id, partner_id, installation_id, feature_instance_id, feature_type, feature_type_raw, feature_name,
         connected_assets, additional_info, configuration, is_enabled, installed_at, is_implied)
    SELECT (n - 1) * 5 + kind, 1, n, 'instance-' || n || '-' || kind, 'pixel', 'pixel', '', '{}', '{}', '{}', true,
        now(), false
    FROM generate_series(1, %(businesses)s) n, generate_series(1, 5) kind
"""
_LINK = """
    INSERT INTO onboarding_launchlink (id, partner_id, business_id, token_hash, created_at, expires_at)
    VALUES (1, 1, 1, 'hash', now(), now())
"""
_SHOWING = """
    INSERT INTO onboarding_showing
        (partner_id, entry_point_id, business_id, use_minimal_onboarding, is_arm_chosen, first_at)
    SELECT 1, %(entry_point)s, n, n %% 2 = 0, false, now() FROM generate_series(1, %(shown)s) n
"""
_ATTEMPT = """
    INSERT INTO onboarding_onboardingattempt
        (partner_id, business_id, meta_app_id, entry_point_id, launch_link_id, public_id, state_hash, browser_hash,
         outcome, error_code, error_message, started_at, expires_at, replays, foreign_returns, way_in,
         use_minimal_onboarding, is_arm_chosen, connected_at)
    SELECT 1, n, 1, %(entry_point)s, 1, gen_random_uuid(), md5(n::text || '-' || %(entry_point)s::text), '',
        (ARRAY['succeeded', 'succeeded', 'cancelled', 'failed'])[1 + n / 2 %% 4], '', '', now(), now(), 0, 0, 'login',
        n %% 2 = 0, false, CASE WHEN n / 2 %% 4 < 2 THEN now() + n %% 999 * interval '1 second' END
    FROM generate_series(1, %(shown)s) n WHERE n %% 3 > 0
"""


def measure(rounds: int, businesses: int) -> list[Row]:
    """Count so many times, in a database of its own."""
    recreate(settings.ENVIRONMENT.database_owner_url, DATABASE)
    try:
        with process_aside(DATABASE) as aside:
            aside.submit(fill, businesses).result()
            tenth, whole = aside.submit(count, rounds).result()
    finally:
        drop(settings.ENVIRONMENT.database_owner_url, DATABASE)
    what = f"a rollout's funnel with {businesses:,} businesses, and with {businesses // 10:,}"
    shown = f"{whole * 1000:.0f} ms, {tenth * 1000:.0f} ms: {whole / tenth:.1f} times"
    return [Row(what, shown, f"{LONGEST_MS:,} ms at most", whole * 1000 <= LONGEST_MS)]


def fill(businesses: int) -> None:
    """Migrate this process's database and fill it."""
    call_command("migrate", verbosity=0)
    see_every_partner()
    partner = Partner.objects.create(pk=1, slug="bench", name="Bench")
    app = MetaApp(pk=1, partner=partner, app_id="1", name="Bench")
    app.secret, app.verify_token = "secret", "token"
    app.save()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for statement in (_BUSINESS, _INSTALLATION, _FEATURE, _LINK):
            cursor.execute(statement, {"businesses": businesses})
        for pk, shown in ((TENTH, businesses // 10), (WHOLE, businesses)):
            EntryPoint.objects.create(pk=pk, partner=partner, meta_app=app, slug=str(pk), vertical="APPOINTMENTS")
            for statement in (_SHOWING, _ATTEMPT):
                cursor.execute(statement, {"entry_point": pk, "shown": shown})
    disconnect()
    by_owner("VACUUM ANALYZE")


def count(rounds: int) -> tuple[float, float]:
    """Count in this process: with a tenth of the businesses, and with all."""
    tenth, whole = EntryPoint.objects.get(pk=TENTH), EntryPoint.objects.get(pk=WHOLE)
    return median(_seconds(tenth) for _ in range(rounds)), median(_seconds(whole) for _ in range(rounds))


def _seconds(entry_point: EntryPoint) -> float:
    begun_at = time.perf_counter()
    funnel = funnel_of(entry_point)
    taken = time.perf_counter() - begun_at
    if not (funnel.new.minutes and funnel.old.minutes):
        raise SystemExit("nothing was counted")
    return taken
