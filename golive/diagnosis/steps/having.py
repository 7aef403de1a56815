"""What the business came for is installed, and configured as is wanted."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from features.admin_shows import feature_label
from features.configuration.models import Wanted
from features.configuration.standing import wanted_of
from features.models import Feature, MbeVersion
from features.uninstalling.showing import subject_of
from golive.diagnosis.buttons import new_link
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, broken, does_not_apply, in_metas_words, not_reached, weak
from golive.diagnosis.remedies import (
    app_page,
    feature_page,
    management_view,
    settle_difference,
    sync_now,
    the_uninstall,
)
from golive.diagnosis.steps.judging import Trouble, judged, named
from partners.display import moment

Status = Wanted.Status


def features(case: Case) -> Finding:
    """Whether what the business came for is installed and switched on."""
    row = case.installation
    if row is None or not case.is_connected:
        return not_reached()
    is_v2 = row.mbe_version == MbeVersion.V2
    installed = {each.feature_type for each in case.features}
    if missing := case.missing(installed):
        return _missing(case, missing, is_v2)
    if not case.features and not is_v2 and not case.taken_away:
        text = _("Meta lists no feature for the business.")
        return broken(text, helps=[*new_link(case), *management_view(case), *sync_now(case)])
    off = [_switched_off(case, each) for each in case.at_work if each.is_enabled is False]
    fine = _("What the business came for is installed.")
    if is_v2:
        fine = _("Meta lists no features in v2: what is there follows from the channel and the assets.")
    if case.taken_away and not off:
        return _taken_away(case)
    return judged(case, case.at_work, off, fine)


def _taken_away(case: Case) -> Finding:
    """What staff had uninstalled is no fault, and is no more there."""
    rows = sorted(case.taken_away.values(), key=lambda each: each.asked_at, reverse=True)
    names = ", ".join(dict.fromkeys(map(subject_of, rows)))
    text = _(
        "Uninstalled at Meta because staff wanted it: %(features)s. The rest of what the business came for is there."
    )
    asked = _("Asked for by %(who)s: %(at)s") % {"who": rows[0].asked_by, "at": moment(rows[0].asked_at)}
    return weak(text % {"features": names}, asked, helps=the_uninstall(rows[0]))


def _missing(case: Case, names: Sequence[str], is_v2: bool) -> Finding:
    missing = {"features": ", ".join(map(feature_label, names))}
    there = _("Installed: %(features)s") % {"features": named(case.features)} if case.features else ""
    helps = [*management_view(case), *new_link(case), *sync_now(case)]
    if is_v2:
        text = _("Whether %(features)s is there cannot be seen: Meta answers in v2, which lists no features.")
        return weak(text % missing, there, helps=[*helps, *app_page(case.app)])
    return broken(_("Of what the business came for this is not installed: %(features)s.") % missing, there, helps=helps)


def _switched_off(case: Case, feature: Feature) -> Trouble:
    wanted = wanted_of(feature)
    is_ours = wanted is not None and wanted.values.get("enabled") is False
    text = _("It is switched off, as is wanted here.") if is_ours else _("It is switched off at Meta.")
    helps = [*settle_difference(feature), *management_view(case), *feature_page(feature)]
    return Trouble(feature, text, helps=helps)


def configuration(case: Case) -> Finding:
    """Whether Meta has the settings that are wanted."""
    if not case.is_connected:
        return not_reached()
    wanted = [(each, row) for each in case.features if (row := wanted_of(each)) is not None]
    troubles = [_differing(case, each, row) for each, row in wanted if row.status != Status.AS_WANTED]
    error = case.installation.configuration_error if case.installation else ""
    if error and not troubles:
        text = _("Meta's configuration of the features could not be read last time; what is known is older.")
        return weak(text, in_metas_words(error), helps=sync_now(case))
    if not wanted:
        return does_not_apply(_("Nothing is set from here: Meta has what the merchant set."))
    return judged(case, [each for each, _row in wanted], troubles, _("Meta has the configuration that is wanted."))


def _differing(case: Case, feature: Feature, wanted: Wanted) -> Trouble:
    texts = {
        Status.UNPUSHED: _("What is wanted has not been pushed to Meta."),
        Status.PUSHING: _("What is wanted is being pushed to Meta."),
        Status.DRIFT: _("Somebody has changed the configuration at Meta; it is not what is wanted here."),
        Status.REFUSED: _("Meta refused the configuration that is wanted."),
        Status.DIFFERS: _("Meta kept something else than what was pushed."),
    }
    push = case.pushes.get(feature.pk)
    seen = in_metas_words(push.detail) or str(push.get_reason_display()) if push else ""
    helps = [*settle_difference(feature), *feature_page(feature)]
    return Trouble(feature, texts[Status(wanted.status)], [seen], helps)
