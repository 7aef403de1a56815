"""Every choice among many rows in the admin's forms: where it stands, what there is, what else is filled in."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import Page

from catalogs.models import Feed, Intake
from golive.letter.models import Tester
from onboarding.models import EntryPoint, LaunchLink
from partners.models import Business, Membership, MetaApp, Partner
from partners.open_choice import MOST_LISTED
from tests.admin_rows import Tenant
from tests.factories import BusinessFactory, EntryPointFactory, MetaAppFactory, PartnerFactory, UserFactory

# Rows that the lists of choices have more of than a page lists; none of these is called what the tests look for.
CROWDS: dict[type[Model], Callable[[Tenant], object]] = {
    Business: lambda tenant: BusinessFactory.create_batch(MOST_LISTED, partner=tenant.partner),
    EntryPoint: lambda tenant: EntryPointFactory.create_batch(MOST_LISTED, meta_app=tenant.rows["partners_metaapp"]),
    MetaApp: lambda tenant: MetaAppFactory.create_batch(MOST_LISTED, partner=tenant.partner),
    Partner: lambda tenant: PartnerFactory.create_batch(MOST_LISTED),
    User: lambda tenant: UserFactory.create_batch(MOST_LISTED, password="x"),
}
SOUGHT: dict[type[Model], Callable[[Tenant], Model]] = {
    Business: lambda tenant: BusinessFactory.create(
        partner=tenant.partner, name="Lotus Salon", external_business_id="lo"
    ),
    EntryPoint: lambda tenant: EntryPointFactory.create(meta_app=tenant.rows["partners_metaapp"], slug="lotus-book"),
    MetaApp: lambda tenant: MetaAppFactory.create(partner=tenant.partner, name="Lotus App"),
    Partner: lambda tenant: PartnerFactory.create(name="Lotus Partner"),
    User: lambda tenant: UserFactory.create(username="lotus@shop.example"),
}


@dataclass(frozen=True)
class Choice:
    """A field that chooses among rows: on which form it stands, what else is filled in, and what is saved by it."""

    form: str
    field: str
    chosen: type[Model]
    saved: type[Model]
    fill: Callable[[Page], object] = lambda page: None
    row: str = ""

    @property
    def name(self) -> str:
        """The name of the field within its form."""
        return self.field.rpartition("-")[2]

    def address(self, tenant: Tenant) -> str:
        """The page of the form."""
        if self.row:
            row = tenant.member if self.row == "auth_user" else tenant.rows[self.row]
            return reverse(f"admin:{self.form}_change", args=[row.pk]) + "?one_more=1"
        return reverse(f"admin:{self.form}_add")


def fill_app(page: Page) -> None:
    """Type what a new app needs, with its secrets."""
    for label in ("Name:", "App secret:", "Verify token:"):
        page.get_by_label(label).fill("orchid")
    page.get_by_label("App id:").fill("4711")


def fill_business(page: Page) -> None:
    """Type what a new business needs."""
    page.get_by_label("Name:").fill("Orchid")
    page.get_by_label("External business id:").fill("orchid")


def fill_upload(page: Page) -> None:
    """Choose the file."""
    page.get_by_label("File:").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"id,title\n1,Tea"})


def fill_feed(page: Page) -> None:
    """Type where the products are."""
    page.get_by_label("Address:").fill("https://orchid.example/feed.csv")
    page.get_by_label("Format:").select_option("csv")


def fill_tester(page: Page) -> None:
    """Type who it is."""
    page.get_by_label("Name:").fill("Orchid")
    page.get_by_label("User id:").fill("47110815")


def choose_role(page: Page) -> None:
    """Choose what the new member may do."""
    page.locator("[name$=-role]").first.select_option("viewer")


CHOICES = (
    Choice("onboarding_launchlink", "business", Business, LaunchLink),
    Choice(
        "catalogs_feed",
        "business",
        Business,
        Feed,
        fill_feed,
    ),
    Choice("catalogs_intake", "business", Business, Intake, fill_upload),
    Choice("letter_tester", "meta_app", MetaApp, Tester, fill_tester),
    Choice(
        "onboarding_entrypoint", "meta_app", MetaApp, EntryPoint, lambda page: page.get_by_label("Slug:").fill("orchid")
    ),
    Choice("partners_business", "partner", Partner, Business, fill_business),
    Choice("partners_metaapp", "partner", Partner, MetaApp, fill_app),
    Choice("partners_partner", "memberships-1-user", User, Membership, choose_role, "partners_partner"),
    Choice("auth_user", "memberships-1-partner", Partner, Membership, choose_role, "auth_user"),
)
