"""Every column that the admin's own pages show has a name for people, which can be translated."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise

from features.models import Installation


def shown(model_admin: Any) -> set[str]:
    """The columns that its list and its page show as they are."""
    fieldsets = model_admin.fieldsets or [(None, {"fields": model_admin.fields or ()})]
    names = {*flatten_fieldsets(fieldsets), *model_admin.list_display}
    return {each for each in names if isinstance(each, str) and not hasattr(model_admin, each)}


def nameless(model: type[models.Model], names: set[str]) -> Iterator[str]:
    """The columns among them that are called as in the code."""
    for name in names:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if isinstance(field, models.Field) and not isinstance(field.verbose_name, Promise):
            yield f"{model._meta.label}.{name}"


def test_every_column_that_staff_see_is_named_in_words_that_can_be_translated() -> None:
    ours = {model: each for model, each in admin.site._registry.items() if not model.__module__.startswith("django.")}
    assert sum(len(shown(each)) for each in ours.values()) > 100
    assert [column for model, each in ours.items() for column in nameless(model, shown(each))] == []


def test_the_look_would_find_a_column_without_a_name() -> None:
    assert list(nameless(Installation, {"claimed_until", "synced_at", "no_column"})) == [
        "features.Installation.claimed_until"
    ]
