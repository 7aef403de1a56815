"""The products of businesses, and where they come from; the catalogs at Meta that receive them are in `pushed`."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogs.pushed.models import LONGEST_ITEM_ID as LONGEST_ITEM_ID
from catalogs.pushed.models import Catalog as Catalog
from catalogs.pushed.models import CatalogItem as CatalogItem
from catalogs.pushed.models import ItemBatch as ItemBatch
from partners.models import Business, Partner


class Format(models.TextChoices):
    """How a file of products is written."""

    CSV = "csv", _("CSV")
    JSON_LINES = "jsonl", _("JSON Lines")


class Product(models.Model):
    """A product of a business, valid as Meta's product item; `item_id` is the business's own id of it.

    The portal's set of products is what every catalog of the business is brought to.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_index=False)
    business = models.ForeignKey(
        Business,
        models.PROTECT,
        verbose_name=_("business"),
        related_name="products",
        db_constraint=False,
        db_index=False,
    )
    item_id = models.CharField(_("id"), max_length=LONGEST_ITEM_ID, db_collation="C")
    # Meta's product item without its id.
    item = models.JSONField(_("item"))
    digest = models.CharField(max_length=32)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="product_of_partner"),
            models.UniqueConstraint(fields=["business", "item_id"], name="product_once"),
        )
        indexes = (models.Index(fields=["partner", "item_id"], name="product_by_item_id"),)

    def __str__(self) -> str:
        return self.item_id


class Feed(models.Model):
    """An address from which a business's products are fetched on schedule."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    business = models.OneToOneField(
        Business, models.PROTECT, verbose_name=_("business"), related_name="feed", db_constraint=False
    )
    url = models.URLField(_("address"), max_length=2000)
    format = models.CharField(_("format"), max_length=8, choices=Format)
    every_hours = models.PositiveSmallIntegerField(_("fetched every (hours)"), default=24)
    is_active = models.BooleanField(_("active"), default=True)
    next_at = models.DateTimeField(_("next fetch at"), null=True, blank=True, default=timezone.now)
    etag = models.CharField(max_length=500, blank=True, editable=False)
    fetched_at = models.DateTimeField(_("fetched at"), null=True, blank=True, editable=False)
    problem = models.CharField(_("problem"), max_length=500, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    attempt = models.PositiveIntegerField(default=0, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("product feed")
        verbose_name_plural = _("product feeds")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="feed_of_partner"),)
        indexes = (models.Index(fields=["next_at"], name="feed_due", condition=Q(is_active=True)),)

    def __str__(self) -> str:
        return self.url


class Intake(models.Model):
    """One arrival of products: an upload, a fetch of the feed, a command; read by lines, and resumed after a crash."""

    class Origin(models.TextChoices):
        """How they came."""

        UPLOAD = "upload", _("upload")
        FEED = "feed", _("feed")
        COMMAND = "command", _("command")

    class State(models.TextChoices):
        """How far it is."""

        ARRIVING = "arriving", _("arriving")
        WAITING = "waiting", _("waiting")
        READING = "reading", _("being read")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    business = models.ForeignKey(
        Business, models.PROTECT, verbose_name=_("business"), related_name="intakes", db_constraint=False
    )
    origin = models.CharField(_("came by"), max_length=16, choices=Origin)
    format = models.CharField(_("format"), max_length=8, choices=Format)
    # Whether it is the whole set, so that products which it does not name are removed.
    is_whole = models.BooleanField(_("whole set"), default=True)
    name = models.CharField(_("file"), max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by"), null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.ARRIVING)
    # A code of `catalogs.wording`; an intake that is done may have one, too: why nothing was removed.
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    ignored = models.JSONField(_("columns left out"), default=list)
    size = models.BigIntegerField(_("bytes"), default=0)
    bytes_read = models.BigIntegerField(_("bytes read"), default=0)
    lines_read = models.BigIntegerField(_("lines read"), default=0)
    taken = models.BigIntegerField(_("taken"), default=0)
    changed = models.BigIntegerField(_("new or changed"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    removed = models.BigIntegerField(_("removed"), default=0)
    attempt = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("intake of products")
        verbose_name_plural = _("intakes of products")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="intake_of_partner"),)
        indexes = (
            models.Index(fields=["id"], name="intake_due", condition=Q(state__in=["waiting", "reading", "arriving"])),
        )

    def __str__(self) -> str:
        return f"{self.business} · {timezone.localtime(self.arrived_at):%Y-%m-%d %H:%M}"


class IntakePart(models.Model):
    """A piece of an intake's file, compressed; gone when the intake is finished."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="parts", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("part of an intake")
        verbose_name_plural = _("parts of intakes")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="intake_part_of_partner"),
            models.UniqueConstraint(fields=["intake", "number"], name="intake_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.intake_id} · {self.number}"


class IntakeItem(models.Model):
    """An id that an unfinished intake has named, and where: of two rows with one id the first counts.

    What a whole set does not name is removed in the end; without this, each unchanged product would have to be marked.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="items", db_constraint=False, db_index=False)
    item_id = models.CharField(max_length=LONGEST_ITEM_ID, db_collation="C")
    line = models.BigIntegerField()

    class Meta:
        verbose_name = _("id named by an intake")
        verbose_name_plural = _("ids named by intakes")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="intake_item_of_partner"),
            models.UniqueConstraint(fields=["intake", "item_id"], name="intake_item_once"),
        )

    def __str__(self) -> str:
        return self.item_id


class RejectedRow(models.Model):
    """A row of an intake that was not taken, with its line and the reason."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    intake = models.ForeignKey(
        Intake, models.CASCADE, related_name="rejected_rows", db_constraint=False, db_index=False
    )
    line = models.BigIntegerField(_("line"))
    item_id = models.CharField(_("id"), max_length=LONGEST_ITEM_ID, blank=True)
    # Codes with the field that they are about, such as `price:bad_currency` (see `catalogs.wording`).
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="rejected_row_of_partner"),
            models.UniqueConstraint(fields=["intake", "line"], name="rejected_row_once"),
        )

    def __str__(self) -> str:
        return f"{self.line}: {self.item_id}"
