"""Making the checks of an app, keeping what they find, and finding the apps whose turn it is."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.timezone import now

from golive.readiness.freshness import EVERY
from golive.readiness.ground import Ground
from golive.readiness.models import Check, CheckChange
from golive.readiness.registry import CheckKind, applying
from golive.readiness.results import Result
from golive.readiness.steps import CannotTell, Problem, Step
from golive.readiness.wake import checkers
from mbe.errors import GraphError, UnreadableBody
from partners.encryption import UnknownKey
from partners.models import MetaApp
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

# What could not be told is asked again sooner.
AGAIN = timedelta(minutes=10)
MAY_PASS = (Step.WAIT, Step.AT_META)
# A webhook on its way, a proxy that starts anew: what has just turned bad may be good again soon.
MAY_BE_A_MOMENT = timedelta(hours=1)
_LONGEST_PROBLEM = 500


def check_app(partner_id: int, meta_app_id: int) -> bool:
    """Make all checks of one app; False, and word of it, where the partner has no such app."""
    with tenant(partner_id):
        # Whoever is about to change the app comes first, and asks for what this run would look at too early.
        app = MetaApp.objects.select_for_update(no_key=True).filter(partner=partner_id, pk=meta_app_id).first()
        begun_at = _clock()
    if app is None:
        logger.warning("no app %s of partner %s is to be checked", meta_app_id, partner_id)
        return False
    ground = Ground(app)
    for kind, subject in applying(app):
        _keep(app, kind, subject, _made(ground, kind, subject), begun_at)
    with tenant(partner_id):
        # Nobody waits for a check that the app no longer has.
        gone = Check.objects.filter(meta_app=app).exclude(tried_at__gte=begun_at)
        gone.filter(Q(asked_at=None) | Q(asked_at__lte=begun_at)).update(asked_at=None, problem="", step="")
    return True


def ask_for(app: MetaApp, asked: Iterable[tuple[CheckKind, str]]) -> None:
    """Have these checks of the app made as soon as a worker is free; call it inside `tenant`."""
    kinds = [(kind.key, subject) for kind, subject in asked]
    rows = [Check(partner_id=app.partner_id, meta_app=app, key=key, subject=subject) for key, subject in kinds]
    Check.objects.bulk_create(rows, ignore_conflicts=True)
    Check.objects.filter(meta_app=app, key__in={key for key, _subject in kinds}).update(asked_at=_clock())
    transaction.on_commit(checkers.wake)


def due() -> list[tuple[int, int]]:
    """The apps (partner, app) of which somebody asks, that were checked a day ago, or of which something was not told.

    One that has no way to Meta is asked again now and then, not every minute; so is what turned bad lately, and what
    was seen under other settings. A secret that came by a command is seen here.
    """
    moment = now()
    of_app = Check.objects.filter(meta_app=OuterRef("pk"))
    open_ended = ~Q(problem="") | Q(state=Check.State.UNKNOWN, step__in=MAY_PASS) | _is_moved()
    open_ended |= Q(state=Check.State.RED, since__gt=moment - MAY_BE_A_MOMENT)
    with platform():
        apps = MetaApp.objects.annotate(
            last_at=Max("checks__tried_at"),
            is_asked_for=Exists(of_app.filter(asked_at__isnull=False)),
            is_open=Exists(of_app.filter(open_ended)),
        )
        is_new = Q(secret_replaced_at__gt=F("last_at"))
        is_old = is_new | Q(last_at=None) | Q(last_at__lt=moment - EVERY) | Q(is_open=True, last_at__lt=moment - AGAIN)
        rows = apps.filter(Q(is_asked_for=True) | is_old).order_by("pk")
        return list(rows.values_list("partner_id", "pk"))


def _is_moved() -> Q:
    """What was found at another address or in another version than the settings have now."""
    here, version = f"{settings.PUBLIC_URL}/", settings.META_GRAPH_VERSION
    is_elsewhere = Q(key="callback", evidence__has_key="callback") & ~Q(evidence__callback__startswith=here)
    return is_elsewhere | (Q(key="graph_version", evidence__has_key="version") & ~Q(evidence__version=version))


def _clock() -> datetime:
    """The database's time, by which runs of several workers are put in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    return moment  # type: ignore[no-any-return]  # the driver's rows have no types


def _made(ground: Ground, kind: CheckKind, subject: str) -> Result | CannotTell | str:
    """What the check found, or why it could not be made now."""
    try:
        return kind.run(ground, subject)
    except CannotTell as reason:
        return reason
    except GraphError as error:
        ground.heed(error)
        return str(error)
    except (UnknownKey, UnreadableBody) as error:
        return str(error)
    except Exception:  # Otherwise one check that breaks would keep all checks of the app from ever being made again.
        logger.exception("the check %s of app %s broke off", kind.key, ground.app.pk)
        return CannotTell(Problem.BROKE)


def _keep(app: MetaApp, kind: CheckKind, subject: str, found: Result | CannotTell | str, begun_at: datetime) -> None:
    """Write what was found, unless a run that began later has written already."""
    about = {"partner_id": app.partner_id, "meta_app": app, "key": kind.key, "subject": subject}
    with tenant(app.partner_id):
        Check.objects.bulk_create([Check(**about)], ignore_conflicts=True)
        row = Check.objects.select_for_update().get(**about)
        if row.tried_at is not None and row.tried_at > begun_at:
            return
        row.tried_at = begun_at
        if row.asked_at is not None and row.asked_at <= begun_at:
            row.asked_at = None
        if isinstance(found, Result):
            _change(row, found)
        else:
            _note_problem(row, found)
        row.save()


def _change(row: Check, found: Result) -> None:
    moment, step = now(), str(found.step or "")
    if found.state != row.state:
        CheckChange.objects.create(
            partner_id=row.partner_id,
            check_row=row,
            changed_at=moment,
            before=row.state,
            after=found.state,
            step=step,
            evidence=found.evidence,
        )
        row.since = moment
    row.state, row.step, row.evidence = found.state, step, found.evidence
    row.problem, row.checked_at = "", moment


def _note_problem(row: Check, reason: CannotTell | str) -> None:
    """Leave the state as it is; a check that never was made learns what is needed for it."""
    if isinstance(reason, str):
        row.problem = reason[:_LONGEST_PROBLEM]
        return
    row.problem = reason.problem
    if row.checked_at is None:
        row.step = str(reason.step or "")
