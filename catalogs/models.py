"""The products of businesses, where they come from, and the catalogs at Meta that receive them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.models import Installation
from mbe.wire import LONGEST_WORD
from partners.models import Business, Partner

LONGEST_ITEM_ID = 100


class Format(models.TextChoices):
    """How a file of products is written."""

    CSV = "csv", _("CSV")
    JSON_LINES = "jsonl", _("JSON Lines")


class Product(models.Model):
    """A product of a business, valid as Meta's product item; `item_id` is the business's own id of it.

    The portal's set of products is what every catalog of the business is brought to.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_index=False)
    business = models.ForeignKey(Business, models.PROTECT, related_name="products", db_constraint=False, db_index=False)
    item_id = models.CharField(_("id"), max_length=LONGEST_ITEM_ID, db_collation="C")
    # Meta's product item without its id.
    item = models.JSONField(_("item"))
    digest = models.CharField(max_length=32)
    # The intake that named it last: what a whole set no longer names is removed.
    intake = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="product_of_partner"),
            models.UniqueConstraint(fields=["business", "item_id"], name="product_once"),
        )

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
    problem = models.CharField(_("problem"), max_length=500, blank=True)
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


class RejectedRow(models.Model):
    """A row of an intake that was not taken, with its line and the reason."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    intake = models.ForeignKey(
        Intake, models.CASCADE, related_name="rejected_rows", db_constraint=False, db_index=False
    )
    line = models.BigIntegerField(_("line"))
    item_id = models.CharField(_("id"), max_length=LONGEST_ITEM_ID, blank=True)
    # Codes with the field that they are about, such as `price:bad_currency`.
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


class Catalog(models.Model):
    """One catalog at Meta among an installation's features, and how far it is in step with the business's products."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        PUSHING = "pushing", _("being pushed")
        IN_STEP = "in_step", _("in step")
        STOPPED = "stopped", _("stopped")
        ENDED = "ended", _("ended")

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    installation = models.ForeignKey(
        Installation,
        models.PROTECT,
        verbose_name=_("installation"),
        related_name="catalogs",
        db_constraint=False,
        db_index=False,
    )
    catalog_id = models.CharField(_("catalog id"), max_length=LONGEST_WORD)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    detail = models.CharField(_("in Meta's words"), max_length=500, blank=True)
    # `due_at` asks for a look; what is asked for during a look raises `requested`, and is not lost.
    due_at = models.DateTimeField(_("next look at"), null=True, blank=True, default=timezone.now)
    requested = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    items_to_push = models.BigIntegerField(_("still to push"), default=0)
    items_refused = models.BigIntegerField(_("refused by Meta"), default=0)
    items_confirmed = models.BigIntegerField(_("confirmed"), default=0)
    found_at = models.DateTimeField(_("found at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("in step at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("catalog")
        verbose_name_plural = _("catalogs")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="catalog_of_partner"),
            models.UniqueConstraint(fields=["installation", "catalog_id"], name="catalog_once"),
        )
        indexes = (
            models.Index(fields=["partner", "state", "-id"], name="catalog_by_state"),
            models.Index(fields=["due_at"], name="catalog_due", condition=Q(due_at__isnull=False)),
        )

    def __str__(self) -> str:
        return self.catalog_id


class ItemBatch(models.Model):
    """One `items_batch` call to a catalog: written down before it is sent, kept until its handles are finished."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="batches", db_constraint=False, db_index=False)
    number = models.BigIntegerField()
    handles = models.JSONField(default=list)
    items = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("batch of items")
        verbose_name_plural = _("batches of items")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="item_batch_of_partner"),
            models.UniqueConstraint(fields=["catalog", "number"], name="item_batch_once"),
        )

    def __str__(self) -> str:
        return f"{self.catalog_id} · {self.number}"


class CatalogItem(models.Model):
    """What a catalog at Meta has of one product, as far as Meta has confirmed it.

    `confirmed` is the digest that Meta has (empty: nothing), `pending` the one in an unfinished batch (empty there: a
    deletion), `refused` one that Meta did not take, with its words in `problem`.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="items", db_constraint=False, db_index=False)
    item_id = models.CharField(_("id"), max_length=LONGEST_ITEM_ID, db_collation="C")
    confirmed = models.CharField(max_length=32, blank=True)
    pending = models.CharField(max_length=32, blank=True)
    refused = models.CharField(max_length=32, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    batch = models.ForeignKey(
        ItemBatch, models.SET_NULL, null=True, related_name="of_items", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name = _("item of a catalog")
        verbose_name_plural = _("items of catalogs")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="catalog_item_of_partner"),
            models.UniqueConstraint(fields=["catalog", "item_id"], name="catalog_item_once"),
        )
        indexes = (
            models.Index(fields=["batch", "item_id"], name="catalog_item_of_batch", condition=Q(batch__isnull=False)),
            models.Index(fields=["catalog", "item_id"], name="catalog_item_refused", condition=~Q(refused="")),
        )

    def __str__(self) -> str:
        return self.item_id
