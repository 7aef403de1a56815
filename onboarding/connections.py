"""What a merchant is told about the connection to Meta: its state in plain words, and what is on now."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, gettext, gettext_lazy

from features.activation.showing import activation_of
from features.activation.texts import sentence_for_merchant
from features.management_view import management_url
from features.models import Feature, Installation
from features.uninstalling.models import Uninstall
from mbe.catalog import FEATURE_TYPES
from partners.models import MetaApp

State, Reason = Installation.State, Installation.Reason

_HEADLINES = {
    State.PENDING: gettext_lazy("Not connected yet"),
    State.CONNECTED: gettext_lazy("Connected"),
    State.RECONNECT: gettext_lazy("Please connect again"),
    State.DISCONNECTED: gettext_lazy("Disconnected"),
}
_EXPLANATIONS = {
    Reason.NOT_STARTED: gettext_lazy("Choose what to turn on. You sign in at Meta and decide there."),
    Reason.NOTHING_INSTALLED: gettext_lazy("Nothing is turned on at Meta yet. Choose what to turn on."),
    Reason.NO_TOKEN: gettext_lazy("Meta has not let us in yet. Please go through the sign-in at Meta again."),
    Reason.TOKEN_DEAD: gettext_lazy("Meta no longer lets us in. Please go through the sign-in at Meta again."),
    Reason.APP_REMOVED: gettext_lazy(
        "The connection was removed at Meta. If you want it back, please go through the sign-in at Meta again."
    ),
    Reason.PASSWORD_CHANGED: gettext_lazy(
        "The password at Meta was changed. Please go through the sign-in at Meta again."
    ),
    Reason.TOKEN_EXPIRED: gettext_lazy("The sign-in at Meta has run out. Please go through it again."),
    Reason.LOGGED_OUT: gettext_lazy("The sign-in at Meta was ended. Please go through it again."),
    Reason.NOT_VISIBLE: gettext_lazy(
        "Meta no longer shows us your business. Please go through the sign-in at Meta again."
    ),
    Reason.PERMISSION: gettext_lazy(
        "A permission is missing. Please go through the sign-in at Meta again, and leave all permissions on."
    ),
    Reason.REFUSED: gettext_lazy("We could not ask Meta what is on now. Your service provider can see why."),
    Reason.UNINSTALLED: gettext_lazy("The connection was removed at Meta. You can connect again at any time."),
    Reason.UNINSTALLED_BY_STAFF: gettext_lazy(
        "Your service provider has removed the connection at Meta. You can connect again at any time."
    ),
}


@dataclass(frozen=True)
class InstalledFeature:
    """A feature that is installed: its label, how many there are, whether Meta has them all switched off.

    `to_do` are sentences: what the merchant has to do to make it work. `is_leaving`: it is being uninstalled.
    """

    label: str
    count: int
    is_switched_off: bool
    is_leaving: bool
    to_do: tuple[str, ...] = ()


@dataclass(frozen=True)
class Connection:
    """The connection of one business on one Meta app, as its merchant sees it.

    `installed_types` are those on record, `feature_types` of them those not switched off; `waits_until` is when Meta
    lets us ask again, None where it does so now. `removal` says what is being uninstalled, and what connecting means
    for it; empty for nothing.
    """

    app_name: str
    state: str
    headline: str
    explanation: str
    is_syncing: bool
    waits_until: datetime | None
    synced_at: datetime | None
    features: tuple[InstalledFeature, ...]
    installed_types: frozenset[str]
    feature_types: frozenset[str]
    management_url: str
    removal: str

    @property
    def has_to_do(self) -> bool:
        """Whether the merchant has something to do about a feature; without a connection that comes first."""
        return self.state == State.CONNECTED and any(each.to_do for each in self.features)

    @property
    def awaits_first_answer(self) -> bool:
        """Whether Meta is being asked for the first time, so that there is nothing to explain yet."""
        return self.is_syncing and self.state == State.PENDING


def connection_of(meta_app: MetaApp, installation: Installation | None) -> Connection:
    """Describe an installation, or that there is none yet; call it inside `tenant`."""
    shown = installation or Installation(meta_app=meta_app)
    living = shown.features.filter(removed_at=None).select_related("activation") if shown.pk else Feature.objects.none()
    features = list(living.order_by("pk"))
    leaving = _leaving(shown)
    return Connection(
        app_name=meta_app.name,
        state=shown.state,
        headline=str(_HEADLINES[State(shown.state)]),
        explanation=str(_EXPLANATIONS[Reason(shown.reason)]) if shown.reason else "",
        is_syncing=shown.is_syncing,
        waits_until=_waits_until(shown),
        synced_at=shown.synced_at,
        features=tuple(_features(features, {each.feature_id for each in leaving})),
        installed_types=frozenset(each.feature_type for each in features),
        feature_types=frozenset(each.feature_type for each in features if each.is_enabled is not False),
        management_url=management_url(shown) if shown.pk else "",
        removal=_removal(leaving),
    )


def feature_label(feature_type: str) -> str:
    """The label of a feature type in the reader's language; a type that the catalog does not know as Meta wrote it."""
    known = FEATURE_TYPES.get(feature_type)
    return known.label.in_language(get_language() or "en") if known else feature_type or gettext("Unnamed feature")


def _leaving(installation: Installation) -> list[Uninstall]:
    """What is being uninstalled of it."""
    if not installation.pk:
        return []
    return list(Uninstall.objects.filter(installation=installation, state__in=Uninstall.OPEN).order_by("pk"))


def _removal(leaving: list[Uninstall]) -> str:
    """What a merchant should know of it before connecting again, or after."""
    if not leaving:
        return ""
    if any(each.connected_anew_at for each in leaving):
        return gettext(
            "Your service provider was removing something at Meta when you connected anew. That is called off: we ask "
            "Meta what is on now."
        )
    if any(each.is_whole for each in leaving):
        return gettext(
            "Your service provider is removing this connection at Meta. If you connect now, you start anew, and the "
            "removal is called off."
        )
    return gettext(
        "Your service provider is removing a feature at Meta. If you connect again now, the removal is called off."
    )


def _features(features: list[Feature], leaving: Collection[int | None]) -> Iterable[InstalledFeature]:
    counts = Counter(each.feature_type for each in features)
    on = {each.feature_type for each in features if each.is_enabled is not False}
    for name, count in counts.items():
        those = [each for each in features if each.feature_type == name]
        is_leaving = None in leaving or any(each.pk in leaving for each in those)
        yield InstalledFeature(feature_label(name), count, name not in on, is_leaving, _to_do(those))


def _to_do(features: list[Feature]) -> tuple[str, ...]:
    """What the merchant has to do about these, each thing once."""
    steps = [step for each in features for step in getattr(activation_of(each), "steps", ())]
    return tuple(dict.fromkeys(filter(None, map(sentence_for_merchant, steps))))


def _waits_until(installation: Installation) -> datetime | None:
    if not installation.is_syncing:
        return None
    limit = installation.not_before if installation.wait == Installation.Wait.LIMIT else None
    return max(filter(None, (limit, installation.meta_app.paused_until)), default=None)
