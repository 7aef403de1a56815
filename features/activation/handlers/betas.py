"""Closed betas: Meta has no public API for them, so a person asks Meta."""

from collections.abc import Iterator

from features.activation.handling import Actor, Look, Step, StepState


def beta(look: Look) -> Iterator[Step]:
    """Recorded; Meta's representative makes it work, and a person says so."""
    yield Step("recorded", StepState.DONE, {"instance": look.feature.feature_instance_id})
    yield Step("ask_meta", StepState.TO_DO, actor=Actor.META, is_confirmable=True)
