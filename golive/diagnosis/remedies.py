"""What helps, as buttons: the tools of the admin's pages, or the page on which it is to be put right."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from features.configuration.feature_section import has_drifted, is_editable
from features.models import Feature
from features.uninstalling.models import Uninstall
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Remedy
from onboarding.models import EntryPoint, new_token
from partners.models import Business, MetaApp, Role
from partners.object_tools import Button
from webhooks.models import DeliveredNotice, Delivery


def _press(name: str, pk: int, method: str, label: str, query: str = "") -> list[Remedy]:
    """A tool that acts at once, of the page of a row."""
    address = reverse(f"admin:{name}_tool", args=[pk, method]) + (f"?{query}" if query else "")
    button = Button(label, address, is_post=True)
    return [Remedy(button, Role.MANAGER)]


def _lead(label: str, address: str) -> list[Remedy]:
    """A form, which asks whoever comes for the role."""
    return [Remedy(Button(label, address), Role.MANAGER)]


def _show(name: str, pk: int, label: str) -> list[Remedy]:
    """The page of a row, which everybody may read."""
    return [Remedy(Button(label, reverse(f"admin:{name}_change", args=[pk])))]


def link_for(business: Business, entry_point: EntryPoint) -> list[Remedy]:
    """Make a launch link for this one entry point and show it once; pressed twice on one page, it makes one."""
    query = urlencode({"form": new_token(), "entry_point": entry_point.pk})
    return _press("partners_business", business.pk, "new_launch_link", _("New launch link"), query)


def another_link(business: Business, entry_point: EntryPoint) -> list[Remedy]:
    """Lead to the form in which another entry point can be chosen, with this one filled in."""
    query = urlencode({"business": business.pk, "entry_point": entry_point.pk})
    return _lead(_("Launch link for another entry point"), reverse("admin:onboarding_launchlink_add") + f"?{query}")


def sync_now(case: Case) -> list[Remedy]:
    """Ask Meta again; without a token to ask with it would do nothing."""
    row = case.installation
    if row is None or not case.living_tokens:
        return []
    return _press("features_installation", row.pk, "press_sync", _("Sync now"))


def look_again(case: Case) -> list[Remedy]:
    """Show the diagnosis as it is by then."""
    return [Remedy(Button(_("Look again"), reverse("golive-diagnosis", args=[case.business.pk])))]


def adopt(notice: DeliveredNotice) -> list[Remedy]:
    """Take over the business that a notice speaks of."""
    return _press("webhooks_deliverednotice", notice.pk, "press_adopt", _("Adopt this business"))


def process_again(delivery: Delivery) -> list[Remedy]:
    """Have a delivery processed once more, or look at it first."""
    again = _press("webhooks_delivery", delivery.pk, "press_process_again", _("Process again"))
    return [*again, *_show("webhooks_delivery", delivery.pk, _("The delivery"))]


def the_uninstall(row: Uninstall) -> list[Remedy]:
    """How far it is, and where it can be called off."""
    return _show("uninstalling_uninstall", row.pk, _("The uninstall"))


def check_now(feature: Feature) -> list[Remedy]:
    """Have a feature's activation looked at."""
    return _press("features_feature", feature.pk, "press_check", _("Check now"))


def settle_difference(feature: Feature) -> list[Remedy]:
    """Push what is wanted, want what Meta has, or want something else: what of these the feature's page offers now."""
    choice = []
    if has_drifted(feature):
        choice += _press("features_feature", feature.pk, "push_ours", _("Push ours"))
        choice += _press("features_feature", feature.pk, "adopt_metas", _("Adopt Meta's values"))
    return [*choice, *edit_configuration(feature)]


def edit_configuration(feature: Feature) -> list[Remedy]:
    """Lead to the form of a feature's settings, where it has some."""
    if not is_editable(feature):
        return []
    return _lead(_("Edit configuration"), reverse("admin:features_feature_configuration", args=[feature.pk]))


def confirm(feature: Feature) -> list[Remedy]:
    """Say that it works; the tool asks first."""
    return _lead(_("Mark as working"), reverse("admin:features_feature_tool", args=[feature.pk, "press_confirm"]))


def hand_over_products(case: Case) -> list[Remedy]:
    """Lead to the form of a file of products."""
    return _lead(_("Hand over products"), reverse("admin:catalogs_intake_add") + f"?business={case.business.pk}")


def management_view(case: Case) -> list[Remedy]:
    """Lead to Meta's management view, where there is one."""
    url = case.management_url
    return [Remedy(Button(_("Management view at Meta"), url, is_external=True))] if url else []


def new_entry_point(app: MetaApp, **values: str) -> list[Remedy]:
    """Lead to the form of a new entry point of the app, with these values filled in as far as they are known."""
    query = urlencode({"meta_app": app.pk, **{name: value for name, value in values.items() if value}})
    return _lead(_("New entry point"), reverse("admin:onboarding_entrypoint_add") + f"?{query}")


def entry_point_page(entry_point: EntryPoint) -> list[Remedy]:
    """Lead to an entry point."""
    label = _("Entry point “%(name)s”") % {"name": entry_point}
    return _show("onboarding_entrypoint", entry_point.pk, label)


def app_page(app: MetaApp) -> list[Remedy]:
    """Lead to the Meta app, whose secret an owner types in."""
    return _show("partners_metaapp", app.pk, _("Meta app"))


def business_page(business: Business, label: str) -> list[Remedy]:
    """Lead to the business."""
    return _show("partners_business", business.pk, label)


def installation_page(case: Case) -> list[Remedy]:
    """Lead to the installation."""
    row = case.installation
    return _show("features_installation", row.pk, _("The installation's page")) if row else []


def feature_page(feature: Feature) -> list[Remedy]:
    """Lead to a feature."""
    return _show("features_feature", feature.pk, _("The feature's page"))
