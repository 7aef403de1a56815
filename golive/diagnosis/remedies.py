"""What helps, as buttons: the tools of the admin's pages, or the page on which it is to be put right."""

from django.urls import reverse
from django.utils.translation import gettext as _

from features.models import Feature
from golive.diagnosis.case import Case
from onboarding.models import EntryPoint
from partners.object_tools import Button
from webhooks.models import DeliveredNotice, Delivery


def _press(name: str, pk: int, method: str, label: str) -> Button:
    return Button(label, reverse(f"admin:{name}_tool", args=[pk, method]), is_post=True)


def _go(name: str, pk: int, label: str) -> Button:
    return Button(label, reverse(f"admin:{name}_change", args=[pk]))


def new_link(case: Case) -> Button:
    """Make a launch link and show it once."""
    return _press("partners_business", case.business.pk, "new_launch_link", _("New launch link"))


def sync_now(case: Case) -> list[Button]:
    """Ask Meta again."""
    installation = case.installation
    return [_press("features_installation", installation.pk, "press_sync", _("Sync now"))] if installation else []


def adopt(notice: DeliveredNotice) -> Button:
    """Take over the business that a notice speaks of."""
    return _press("webhooks_deliverednotice", notice.pk, "press_adopt", _("Adopt this business"))


def process_again(delivery: Delivery) -> Button:
    """Have a delivery processed once more."""
    return _press("webhooks_delivery", delivery.pk, "press_process_again", _("Process again"))


def check_now(feature: Feature) -> Button:
    """Have a feature's activation looked at."""
    return _press("features_feature", feature.pk, "press_check", _("Check now"))


def push_ours(feature: Feature) -> Button:
    """Plan to bring what is wanted to Meta."""
    return _press("features_feature", feature.pk, "push_ours", _("Push ours"))


def adopt_metas(feature: Feature) -> Button:
    """Want what Meta has."""
    return _press("features_feature", feature.pk, "adopt_metas", _("Adopt Meta's values"))


def confirm(feature: Feature) -> Button:
    """Say that it works; the tool asks first."""
    return Button(_("Mark as working"), reverse("admin:features_feature_tool", args=[feature.pk, "press_confirm"]))


def edit_configuration(feature: Feature) -> Button:
    """Lead to the form of a feature's settings."""
    return Button(_("Edit configuration"), reverse("admin:features_feature_configuration", args=[feature.pk]))


def management_view(case: Case) -> list[Button]:
    """Lead to Meta's management view, where there is one."""
    url = case.management_url
    return [Button(_("Management view at Meta"), url, is_external=True)] if url else []


def app_page(case: Case) -> Button:
    """Lead to the Meta app."""
    return _go("partners_metaapp", case.app.pk, _("Meta app"))


def business_page(case: Case, label: str) -> Button:
    """Lead to the business."""
    return _go("partners_business", case.business.pk, label)


def entry_point_page(entry_point: EntryPoint) -> Button:
    """Lead to an entry point."""
    return _go("onboarding_entrypoint", entry_point.pk, _("Entry point “%(name)s”") % {"name": entry_point})


def new_entry_point() -> Button:
    """Lead to the form of a new entry point."""
    return Button(_("New entry point"), reverse("admin:onboarding_entrypoint_add"))


def feature_page(feature: Feature) -> Button:
    """Lead to a feature."""
    return _go("features_feature", feature.pk, _("The feature's page"))


def hand_over_products(case: Case) -> Button:
    """Lead to the form of a file of products."""
    return Button(_("Hand over products"), reverse("admin:catalogs_intake_add") + f"?business={case.business.pk}")
