"""One worker's way to Meta and back with the pushes of a claim: read, post what differs, read again."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from features.configuration.claims import Claim
from features.configuration.models import Push
from features.diff import configuration_by_instance
from features.fetching import with_tokens
from features.graph import client_for
from mbe.customizing import InstanceSettings, business_config, comparable, differences, observed_settings
from mbe.errors import WRONG_SECRET, GraphError, NotVisible, PermissionMissing, RateLimited, Refused
from mbe.fca import FeatureConfiguration
from mbe.graph import GraphClient

Answer = TypeVar("Answer")
State = Push.State
Reason = Push.Reason
REFUSALS = (Refused, PermissionMissing, NotVisible)


@dataclass(frozen=True)
class End:
    """How a push ended: what Meta has of it now, and why, by our reason or in Meta's words."""

    state: Push.State
    kept: dict[str, Any] | None = None
    reason: str = ""
    detail: str = ""


@dataclass
class Trip:
    """What has become of a claim's pushes so far; what has no end yet waits for another trip.

    `entries` is what Meta had at the last reading, by instance, None before the first; `generation` is that of the last
    sync's result before it. `unsent` are pushes that were written down as sent, but that Meta certainly did not take.
    """

    claim: Claim
    ends: dict[int, End] = field(default_factory=dict)
    entries: dict[str, FeatureConfiguration] | None = None
    generation: int = 0
    posted: set[int] = field(default_factory=set)
    unsent: set[int] = field(default_factory=set)

    def go(self) -> None:
        """Do it all; raises `GraphError`, `NoUsableToken` or `ClaimLost`, and what has an end by then has ended."""
        self._read()
        for push in self.claim.pushes:
            if end := self._end_before(push):
                self.ends[push.pk] = end
        if open_yet := self._open():
            self._post(open_yet)
        if self.posted:
            self._read()
            for push in self._open():
                self.ends[push.pk] = self._end_after(push)

    def _open(self) -> list[Push]:
        return [each for each in self.claim.pushes if each.pk not in self.ends]

    def _read(self) -> None:
        generation = self.claim.generation
        configuration = self._call(lambda client, *subject: client.feature_configuration(*subject))
        entries = configuration_by_instance(self.claim.types, configuration)
        self.entries = {key: entry for key, entry in entries.items() if not _is_absent(entry)}
        self.generation = generation

    def _call(self, call: Callable[[GraphClient, str, str], Answer]) -> Answer:
        """Call with the business's id and each token in turn."""
        installation = self.claim.installation
        client = client_for(installation.meta_app)
        external_id = installation.business.external_business_id
        return with_tokens(self.claim, lambda token: call(client, external_id, token))

    def _now(self, push: Push) -> dict[str, Any] | None:
        """What Meta has for the instance, flat; None where it names none."""
        entry = (self.entries or {}).get(push.feature.feature_instance_id)
        return observed_settings(entry.enabled, entry.settings) if entry else None

    def _end_before(self, push: Push) -> End | None:
        """The end of a push that needs no post, or must not have one; None for one that is to be posted."""
        now = self._now(push)
        if push.feature.removed_at is not None:
            return End(State.DROPPED, reason=Reason.REMOVED)
        if now is None:
            return End(State.REFUSED, reason=Reason.NOT_NAMED)
        if not differences(push.wanted, now):
            return End(State.CONFIRMED, _kept(push, now))
        if differences(push.based_on, now):
            # What we have posted before may have changed it; otherwise somebody else has.
            return End(State.DIFFERS if push.posted_at else State.MOVED, _kept(push, now))
        return None

    def _end_after(self, push: Push) -> End:
        now = self._now(push)
        if now is None:
            return End(State.DIFFERS, reason=Reason.NOT_NAMED)
        return End(State.DIFFERS if differences(push.wanted, now) else State.CONFIRMED, _kept(push, now))

    def _post(self, pushes: list[Push]) -> None:
        """Post all at once; what Meta refuses so is posted one by one, so that one refusal touches no other."""
        try:
            self._send(pushes)
        except REFUSALS as error:
            if len(pushes) == 1:
                self._refuse(pushes[0], error)
                return
            for push in pushes:
                self._post([push])

    def _send(self, pushes: list[Push]) -> None:
        going = self.claim.mark_posted(pushes)
        config = business_config(self._changes(going))
        try:
            self._call(lambda client, *subject: client.update_feature_configuration(*subject, config))
        except RateLimited:
            self.unsent |= {each.pk for each in going if each.posted_at is None}
            raise
        self.posted |= {each.pk for each in going}

    def _refuse(self, push: Push, error: GraphError) -> None:
        kept = _kept(push, self._now(push) or {})
        self.ends[push.pk] = End(State.REFUSED, kept, reason_of(error), words(error))
        if self.ends[push.pk].reason and push.posted_at is None:
            self.unsent.add(push.pk)

    def _changes(self, pushes: Sequence[Push]) -> list[InstanceSettings]:
        """Only what differs, of each instance."""
        seen = Counter(each.feature_type for each in (self.entries or {}).values() if each.feature_instance_id)
        known = Counter(self.claim.types.values())
        changes = []
        for push in pushes:
            name = push.feature.feature_type
            changed = differences(push.wanted, self._now(push) or {})
            settings = {key: after for key, (_before, after) in changed.items()}
            is_only_one = max(seen[name], known[name]) <= 1
            changes.append(InstanceSettings(name, push.feature.feature_instance_id, settings, is_only_one))
        return changes


def reason_of(error: GraphError | None) -> str:
    """Our reason for a refusal that another token, or another secret, would end; empty for any other."""
    if isinstance(error, PermissionMissing):
        return Reason.PERMISSION
    return Reason.SECRET if error is not None and WRONG_SECRET in str(error) else ""


def words(error: GraphError | None) -> str:
    """What Meta says about a failure, rather to the person at the screen than to programmers."""
    return (error.user_message or str(error))[:500] if error else ""


def _is_absent(entry: FeatureConfiguration) -> bool:
    """Whether it only says that nothing of the type is installed (meta-api §4.1)."""
    return not entry.feature_instance_id and entry.enabled is False and not comparable(entry.settings)


def _kept(push: Push, now: dict[str, Any]) -> dict[str, Any]:
    return {name: now.get(name) for name in push.wanted}
