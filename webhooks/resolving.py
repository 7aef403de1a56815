"""Whom a notice is about: the installations that it hints at, looked up once for a whole sweep."""

from collections import defaultdict

from features.models import Feature, Installation
from mbe.events import Notice
from partners.models import Business
from webhooks.models import DeliveredNotice, Delivery

Outcome = DeliveredNotice.Outcome
Parsed = list[tuple[Delivery, list[Notice]]]


class Resolver:
    """Knows, for the notices of a sweep, which were received before and which installations they name."""

    def __init__(self, parsed: Parsed) -> None:
        pairs = [(delivery, notice) for delivery, notices in parsed for notice in notices]
        self._seen = self._seen_before(pairs)
        self._by_business = self._installations_by_business(pairs)
        self._by_manager = self._installations_by_manager(pairs)
        self._by_instance = self._installations_by_instance(pairs)

    def resolve(self, delivery: Delivery, notice: Notice) -> tuple[Outcome, list[Installation]]:
        """The outcome of a notice, and the installations to hint."""
        if notice.kind == "other":
            return Outcome.IGNORED, []
        outcome, found = self._found(delivery.meta_app_id, notice)
        return (Outcome.DUPLICATE, []) if self._is_repeated(delivery, notice, outcome) else (outcome, found)

    def _found(self, app: int, notice: Notice) -> tuple[Outcome, list[Installation]]:
        if notice.external_business_id:
            found = self._by_business.get((app, notice.external_business_id))
            return (Outcome.HINTED, [found]) if found else (Outcome.UNKNOWN_BUSINESS, [])
        found_all = list(self._by_manager.get((app, notice.business_manager_id), ()))
        if not found_all:
            named = [self._by_instance.get((app, each)) for each in notice.feature_instance_ids]
            found_all = list({each.pk: each for each in named if each}.values())
        return (Outcome.HINTED, found_all) if found_all else (Outcome.UNIDENTIFIED, [])

    def _is_repeated(self, delivery: Delivery, notice: Notice, outcome: Outcome) -> bool:
        """Whether it says nothing new. Without a time of sending, the same words may well be news.

        So is a repetition about a business that was unknown the first time, and is known by now.
        """
        if notice.sent_at is None:
            return False
        first, was = self._seen.setdefault((delivery.meta_app_id, notice.digest), (delivery.pk, outcome))
        return first != delivery.pk and (was == Outcome.HINTED or outcome != Outcome.HINTED)

    def _seen_before(self, pairs: list[tuple[Delivery, Notice]]) -> dict[tuple[int, str], tuple[int, str]]:
        """The delivery that brought each digest first, one that hinted if there was any, and its outcome.

        A delivery that is processed again does not repeat itself.
        """
        rows = DeliveredNotice.objects.filter(
            meta_app__in={delivery.meta_app_id for delivery, _ in pairs},
            digest__in={notice.digest for _, notice in pairs},
        ).exclude(outcome=Outcome.DUPLICATE)
        seen: dict[tuple[int, str], tuple[int, str]] = {}
        columns = ("meta_app", "digest", "delivery_id", "outcome")
        for app, digest, delivery_id, outcome in rows.order_by("delivery_id").values_list(*columns):
            if (app, digest) not in seen or seen[app, digest][1] != Outcome.HINTED == outcome:
                seen[app, digest] = (delivery_id, outcome)
        return seen

    def _installations_by_business(self, pairs: list[tuple[Delivery, Notice]]) -> dict[tuple[int, str], Installation]:
        """By app and external business id; a known business's first notice makes its installation."""
        businesses = {
            (each.partner_id, each.external_business_id): each
            for each in Business.objects.filter(
                partner__in={delivery.partner_id for delivery, _ in pairs},
                external_business_id__in={notice.external_business_id for _, notice in pairs} - {""},
            )
        }
        wanted: dict[tuple[int, int], Business] = {}
        for delivery, notice in pairs:
            business = businesses.get((delivery.partner_id, notice.external_business_id))
            if business and notice.kind != "other":
                wanted[delivery.meta_app_id, business.pk] = business
        Installation.objects.bulk_create(
            [
                Installation(partner_id=business.partner_id, meta_app_id=app, business=business)
                for (app, _), business in self._missing(wanted).items()
            ],
            ignore_conflicts=True,
        )
        return {(each.meta_app_id, each.business.external_business_id): each for each in self._existing(wanted)}

    def _missing(self, wanted: dict[tuple[int, int], Business]) -> dict[tuple[int, int], Business]:
        there = {(each.meta_app_id, each.business_id) for each in self._existing(wanted)}
        return {key: business for key, business in wanted.items() if key not in there}

    @staticmethod
    def _existing(wanted: dict[tuple[int, int], Business]) -> list[Installation]:
        rows = Installation.objects.filter(
            meta_app__in={app for app, _ in wanted}, business__in={business for _, business in wanted}
        ).select_related("business")
        return [each for each in rows if (each.meta_app_id, each.business_id) in wanted]

    @staticmethod
    def _installations_by_manager(
        pairs: list[tuple[Delivery, Notice]],
    ) -> dict[tuple[int, str], list[Installation]]:
        managers = {notice.business_manager_id for _, notice in pairs if not notice.external_business_id} - {""}
        found: dict[tuple[int, str], list[Installation]] = defaultdict(list)
        apps = {delivery.meta_app_id for delivery, _ in pairs}
        for each in Installation.objects.filter(meta_app__in=apps, business_manager_id__in=managers):
            found[each.meta_app_id, each.business_manager_id].append(each)
        return found

    @staticmethod
    def _installations_by_instance(pairs: list[tuple[Delivery, Notice]]) -> dict[tuple[int, str], Installation]:
        """For the seed's bare payload, which names no business: its feature instances tell."""
        named = {each for _, notice in pairs if not notice.external_business_id for each in notice.feature_instance_ids}
        rows = Feature.objects.filter(
            installation__meta_app__in={delivery.meta_app_id for delivery, _ in pairs}, feature_instance_id__in=named
        ).select_related("installation")
        return {(each.installation.meta_app_id, each.feature_instance_id): each.installation for each in rows}
