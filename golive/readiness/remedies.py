"""Where the next step of a check is done, as a link; at Meta there is nothing to link to."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from golive.readiness.steps import Step
from partners.models import MetaApp


@dataclass(frozen=True)
class Remedy:
    """A link and what it is called; one that `changes` is for managers."""

    label: str
    url: str
    changes: bool = False


def new_entry_point(app: MetaApp) -> Remedy:
    """Where an app gets an entry point."""
    url = f"{reverse('admin:onboarding_entrypoint_add')}?meta_app={app.pk}"
    return Remedy(_("Add an entry point"), url, changes=True)


def _app_page(app: MetaApp) -> Remedy:
    return Remedy(_("Open the Meta app"), reverse("admin:partners_metaapp_change", args=[app.pk]))


def _launch_link(app: MetaApp) -> Remedy:
    if app.entry_points.filter(is_active=True).exists():
        url = f"{reverse('admin:onboarding_launchlink_add')}?meta_app={app.pk}"
        return Remedy(_("Make a launch link"), url, changes=True)
    return new_entry_point(app)


def _installations(app: MetaApp) -> Remedy:
    return Remedy(_("Open the installations"), reverse("admin:features_installation_changelist"))


def _deliveries(app: MetaApp) -> Remedy:
    return Remedy(_("Open the deliveries"), reverse("admin:webhooks_delivery_changelist"))


def _reconnect(app: MetaApp) -> Remedy:
    return Remedy(_("Who has to reconnect"), reverse("golive-cockpit-businesses", args=[app.pk, "reconnect"]))


# What is not here is done by whoever runs the portal, in its settings.
REMEDIES: dict[Step, Callable[[MetaApp], Remedy]] = {
    Step.ENTER_CALLBACK: _app_page,
    Step.VERIFY_TOKEN: _app_page,
    Step.SECRET: _app_page,
    Step.NO_KEY: _app_page,
    Step.NOT_SUBSCRIBED: _app_page,
    Step.FOREIGN_CALLBACK: _app_page,
    Step.INACTIVE: _app_page,
    Step.MISSING_FIELDS: _app_page,
    Step.INSTALL: _launch_link,
    Step.INSTALL_FROM_META: _app_page,
    Step.NO_INSTALL_NOTICE: _deliveries,
    Step.NOTHING_CAME: _deliveries,
    Step.UNINSTALL: _installations,
    Step.NO_UNINSTALL_NOTICE: _deliveries,
    Step.STILL_V2: lambda app: Remedy(_("Letter to Meta"), reverse("golive-letter", args=[app.pk])),
    Step.NO_V3_NOTICE: _installations,
    Step.DISAGREEMENT: _installations,
    Step.RECONNECT: _reconnect,
    Step.TOKENS_END: _launch_link,
    Step.PERMISSIONS: _launch_link,
}
# With these the page shows the callback to copy.
CALLBACK_IS_ENTERED = frozenset(
    {Step.ENTER_CALLBACK, Step.VERIFY_TOKEN, Step.NOT_SUBSCRIBED, Step.FOREIGN_CALLBACK, Step.MISSING_FIELDS}
)


def remedy_of(app: MetaApp, step: str) -> Remedy | None:
    """The link for a step; None where no page of the admin helps. Call it inside a door."""
    make = REMEDIES.get(Step(step)) if step else None
    return make(app) if make else None
