"""The catalogs at Meta that receive a business's products, and what each has of them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.models import Installation
from mbe.wire import LONGEST_WORD
from partners.models import Partner

LONGEST_ITEM_ID = 100


class Catalog(models.Model):
    """One catalog at Meta among an installation's features, and how far it is in step with the business's products."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        PUSHING = "pushing", _("being pushed")
        IN_STEP = "in_step", _("in step")
        STOPPED = "stopped", _("stopped")
        ENDED = "ended", _("ended")

    class Reason(models.TextChoices):
        """Why it is stopped: what no further try would heal."""

        NO_TOKEN = "no_token", _("No access token is left with which the catalog could be written.")
        NOT_VISIBLE = "not_visible", _("Meta does not show this catalog to the access token.")
        PERMISSION = "permission", _("The permission to write the catalog is missing or was taken back.")
        REFUSED = "refused", _("Meta refuses to take the products.")

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
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    detail = models.CharField(_("in Meta's words"), max_length=500, blank=True)
    # `due_at` asks for a look; what is asked for during a look raises `requested`, and is not lost.
    due_at = models.DateTimeField(_("next look at"), null=True, blank=True, default=timezone.now)
    requested = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    # When the last look began: what has changed since, it could not use.
    looked_at = models.DateTimeField(_("last look at"), null=True, blank=True)
    # A rate limit's wait, which nobody's asking ends.
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    # The installation's requested generation when it stopped: a sync applied for a later one brings it back.
    stopped_generation = models.BigIntegerField(default=0)
    # Whether what was known of its items is still to be deleted: it has ended, and may have come back since.
    is_to_forget = models.BooleanField(default=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    items_to_push = models.BigIntegerField(_("still to push"), default=0)
    items_refused = models.BigIntegerField(_("refused by Meta"), default=0)
    items_confirmed = models.BigIntegerField(_("confirmed"), default=0)
    # Errors that Meta counted without naming the items.
    errors_unnamed = models.BigIntegerField(_("errors without an item"), default=0)
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
            models.Index(fields=["id"], name="catalog_stopped", condition=Q(state="stopped")),
            models.Index(fields=["catalog_id"], name="catalog_by_metas_id"),
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

    `confirmed` is the digest that Meta has (empty: nothing; `UNSURE`: one that nobody knows), `pending` the one in an
    unfinished batch (empty there: a deletion), `refused` one that Meta did not take (`DELETION`: that it be deleted),
    with its words in `problem`.
    """

    UNSURE = "?"
    DELETION = "-"

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
