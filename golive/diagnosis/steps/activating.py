"""What is installed works in the partner's product."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from features.activation.models import Activation
from features.activation.showing import activation_of
from features.activation.texts import sentence
from features.models import Feature
from golive.diagnosis.buttons import new_link
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, Remedy, does_not_apply, in_metas_words, not_reached
from golive.diagnosis.remedies import (
    business_page,
    check_now,
    confirm,
    edit_configuration,
    feature_page,
    hand_over_products,
    management_view,
    settle_difference,
)
from golive.diagnosis.steps.judging import Trouble, judged

State, StepState = Activation.State, Activation.StepState


def activation(case: Case) -> Finding:
    """Whether what is installed works in the partner's product."""
    if not case.is_connected:
        return not_reached()
    looked_at = [each for each in case.at_work if not each.is_implied and not _is_unknown(each)]
    if not looked_at:
        return does_not_apply(_("There is no feature that the portal activates."))
    troubles = [found for each in looked_at if (found := _inactive(case, each)) is not None]
    return judged(case, looked_at, troubles, _("What is installed works, as far as the portal can check it."))


def _is_unknown(feature: Feature) -> bool:
    row = activation_of(feature)
    return row is not None and row.state == State.UNKNOWN


def _inactive(case: Case, feature: Feature) -> Trouble | None:
    row = activation_of(feature)
    if row is not None and row.state == State.ACTIVE:
        return None
    step = _open_step(row) if row else None
    if step is None:
        helps = [*check_now(feature), *feature_page(feature)]
        return Trouble(feature, _("The portal has not looked yet whether it works."), helps=helps)
    actor = step.get("actor")
    who = _("To be done by: %(who)s") % {"who": Activation.Actor(actor).label} if actor else ""
    helps = [*_HELPS.get(step["step"], _nothing_more)(case, feature)]
    helps += confirm(feature) if step.get("is_confirmable") else []
    helps += [*check_now(feature), *feature_page(feature)]
    return Trouble(feature, sentence(step), [who, in_metas_words(step.get("detail", ""))], helps)


def _open_step(row: Activation) -> dict[str, Any] | None:
    """The step that makes the activation what it is: one that failed, else one to do, else one that waits."""
    by_state = {each["state"]: each for each in reversed(row.steps)}
    order = (StepState.FAILED, StepState.TO_DO, StepState.WAITING)
    return next((by_state[each] for each in order if each in by_state), None)


def _nothing_more(case: Case, feature: Feature) -> list[Remedy]:
    return []


def _sign_in_again(case: Case, feature: Feature) -> list[Remedy]:
    return new_link(case)


def _give_domain(case: Case, feature: Feature) -> list[Remedy]:
    return [*business_page(case.business, _("Add the domain")), *new_link(case)]


def _switch_on(case: Case, feature: Feature) -> list[Remedy]:
    return [*management_view(case), *edit_configuration(feature)]


# What helps with a step of an activation, by its code (`features.activation.texts`), beside looking again.
_HELPS: dict[str, Callable[[Case, Feature], list[Remedy]]] = {
    "permission": _sign_in_again,
    "permissions_missing": _sign_in_again,
    "token": _sign_in_again,
    "not_visible": _sign_in_again,
    "asset_missing": _sign_in_again,
    "ad_account_closed": _sign_in_again,
    "domain_missing": _give_domain,
    "switched_off": _switch_on,
    "catalog_is_empty": lambda case, _feature: hand_over_products(case),
    "settings_not_set": lambda _case, feature: edit_configuration(feature),
    "settings_not_pushed": lambda _case, feature: settle_difference(feature),
    "settings_refused": lambda _case, feature: settle_difference(feature),
    "settings_changed_at_meta": lambda _case, feature: settle_difference(feature),
    "settings_kept_otherwise": lambda _case, feature: settle_difference(feature),
}
