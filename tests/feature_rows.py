"""One row of every kind that hangs on a feature or on a business's catalogs."""

from django.db.models import Model
from django.utils import timezone

from catalogs.models import (
    Catalog,
    CatalogItem,
    Feed,
    Format,
    Intake,
    IntakeItem,
    IntakePart,
    ItemBatch,
    Product,
    RejectedRow,
)
from features.activation.models import Activation, PageNoticeCount, PageSubscription, PixelCheck
from features.configuration.models import Push, PushRun, Wanted
from features.models import Feature, Installation
from features.uninstalling.models import Uninstall
from golive.letter.models import Tester
from golive.menus.models import MenuConfirmation
from golive.migration.models import Import, ImportPart, ImportRow
from golive.readiness.models import Check, CheckChange
from golive.readiness.steps import Step
from partners.encryption import seal
from webhooks.models import Handshake

ASK_META = {"step": "ask_meta", "state": "to_do", "actor": "meta", "is_confirmable": True}


def rows_of_feature(feature: Feature) -> dict[str, Model]:
    """What is wanted of a feature, a push of it, and its activation."""
    of_partner = {"partner_id": feature.partner_id}
    run = PushRun.objects.create(**of_partner)
    installation = feature.installation
    return {
        "configuration_wanted": Wanted.objects.create(
            **of_partner, feature=feature, values={"cta_button_text": "Book Now"}, origin=Wanted.Origin.STAFF
        ),
        "configuration_pushrun": run,
        "configuration_push": Push.objects.create(**of_partner, installation=installation, feature=feature, run=run),
        "activation_activation": Activation.objects.create(
            **of_partner,
            installation=installation,
            feature=feature,
            state=Activation.State.ACTION_NEEDED,
            steps=[ASK_META],
        ),
    }


def rows_of_uninstalling(installation: Installation, feature: Feature) -> dict[str, Model]:
    """An uninstall of the whole that was called off, and one of a feature that waits."""
    about = {"partner_id": installation.partner_id, "installation": installation, "asked_by": "somebody"}
    Uninstall.objects.create(**about, state=Uninstall.State.CALLED_OFF, reason=Uninstall.Reason.WITHDRAWN)
    return {"uninstalling_uninstall": Uninstall.objects.create(**about, feature=feature)}


def rows_of_page(feature: Feature) -> dict[str, Model]:
    """What a Page's subscription and a pixel's test event leave behind."""
    installation = feature.installation
    of_app = {"partner_id": feature.partner_id, "meta_app": installation.meta_app}
    now = timezone.now()
    return {
        "activation_pagesubscription": PageSubscription.objects.create(
            **of_app, installation=installation, page_id=f"5{installation.pk}", fields=["leadgen"]
        ),
        "activation_pagenoticecount": PageNoticeCount.objects.create(
            **of_app, page_id=f"5{installation.pk}", field="leadgen", day=now.date(), count=1, last_at=now
        ),
        "activation_pixelcheck": PixelCheck.objects.create(
            partner_id=feature.partner_id, feature=feature, pixel_id="6001", test_event_code="TEST1", source_url=""
        ),
    }


def rows_of_catalogs(installation: Installation) -> dict[str, Model]:
    """A product with its ways in and its way out."""
    of_partner, business = {"partner_id": installation.partner_id}, installation.business
    intake = Intake.objects.create(
        **of_partner, business=business, origin=Intake.Origin.UPLOAD, format=Format.CSV, state=Intake.State.DONE
    )
    IntakePart.objects.create(**of_partner, intake=intake, number=intake.pk, content=b"")
    IntakeItem.objects.create(**of_partner, intake=intake, item_id=f"sku-{intake.pk}", line=2)
    catalog = Catalog.objects.create(**of_partner, installation=installation, catalog_id=f"7{installation.pk}")
    batch = ItemBatch.objects.create(**of_partner, catalog=catalog, number=catalog.pk, items=1)
    RejectedRow.objects.create(**of_partner, intake=intake, line=intake.pk, reasons=["price:missing"])
    item_id = f"sku-{installation.pk}"
    CatalogItem.objects.create(**of_partner, catalog=catalog, item_id=item_id, batch=batch)
    product = Product.objects.create(**of_partner, business=business, item_id=item_id, item={}, digest="0")
    feed = Feed.objects.create(**of_partner, business=business, url="https://shop.example/feed.csv", format=Format.CSV)
    return {
        "catalogs_intake": intake,
        "catalogs_catalog": catalog,
        "catalogs_feed": feed,
        "catalogs_product": product,
    }


def rows_of_import(installation: Installation) -> dict[str, Model]:
    """An import from v2 with its file and a row."""
    of_partner = {"partner_id": installation.partner_id}
    file = "external_business_id,access_token\n"
    run = Import.objects.create(
        **of_partner,
        meta_app=installation.meta_app,
        name="v2.csv",
        format=Format.CSV,
        state=Import.State.DONE,
        head={"offset": len(file), "line": 1, "delimiter": ",", "names": ["external_business_id", "access_token"]},
    )
    ImportPart.objects.create(**of_partner, run=run, number=0, sealed=seal(file))
    ImportRow.objects.create(**of_partner, run=run, line=run.pk, outcome=ImportRow.Outcome.REJECTED)
    return {"migration_import": run}


def rows_of_menu(installation: Installation) -> dict[str, Model]:
    """A confirmation of a menu with its picture, and a tester."""
    confirmation = MenuConfirmation.objects.create(
        partner_id=installation.partner_id,
        meta_app=installation.meta_app,
        vertical="APPOINTMENTS",
        fingerprint="0",
        confirmed_by="somebody",
        picture=b"\x89PNG\r\n\x1a\n",
        picture_type="image/png",
    )
    tester = Tester.objects.create(
        partner_id=installation.partner_id, meta_app=installation.meta_app, name="Mei", user_id=f"9{installation.pk}"
    )
    return {"menus_menuconfirmation": confirmation, "letter_tester": tester}


def rows_of_readiness(installation: Installation) -> dict[str, Model]:
    """A check that turned red, and Meta's verification."""
    of_app = {"partner_id": installation.partner_id, "meta_app": installation.meta_app}
    check = Check.objects.create(
        **of_app, key="handshake", state=Check.State.RED, step=Step.ENTER_CALLBACK, checked_at=timezone.now()
    )
    change = CheckChange.objects.create(
        partner_id=installation.partner_id, check_row=check, before=Check.State.UNKNOWN, after=Check.State.RED
    )
    handshake = Handshake.objects.create(**of_app)
    return {"readiness_check": check, "readiness_checkchange": change, "webhooks_handshake": handshake}
