"""What is different: of a form's fields and of a row's, readable values before and after, and of secrets only that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import BinaryField, Field, ForeignKey, GeneratedField, Model, QuerySet

from partners.audit.recording import REPLACED

NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Snapshot:
    """A row at one moment: readable values, and secrets as they are sealed."""

    values: Mapping[str, Any]
    secrets: Mapping[str, bytes]

    def until(self, later: "Snapshot") -> dict[str, list[Any]]:
        """Each difference to a later moment."""
        names = dict.fromkeys([*self.values, *later.values])
        pairs = {name: [self.values.get(name), later.values.get(name)] for name in names}
        changes = {name: pair for name, pair in pairs.items() if _differ(*pair)}
        replaced = [name for name, sealed in later.secrets.items() if sealed and self.secrets.get(name) != sealed]
        return {**changes, **{name: REPLACED for name in replaced}}


NO_ROW = Snapshot({}, {})


def snapshot(row: Model) -> Snapshot:
    """The row as it is in memory; what was not loaded is left out."""
    fields = [field for field in row._meta.concrete_fields if _is_told(field, row)]
    sealed = [field for field in fields if isinstance(field, BinaryField)]
    return Snapshot(
        values={field.name: _of_row(field, row) for field in fields if field not in sealed},
        secrets={_plain_name(field.name): bytes(getattr(row, field.attname) or b"") for field in sealed},
    )


def submitted(form: forms.BaseForm, *, is_new: bool) -> dict[str, list[Any]]:
    """What a valid form has changed, or all that it gave to a new row."""
    changes: dict[str, list[Any]] = {}
    for name in form.fields if is_new else form.changed_data:
        field = form.fields.get(name)
        if field is None:  # Django's form for a new password tells of it under a name that is no field's.
            changes[_plain_name(name)] = REPLACED
            continue
        after = _readable(field, form.cleaned_data.get(name))
        if _is_secret(field):
            changes |= {_plain_name(name): REPLACED} if after else {}
            continue
        before = None if is_new else _readable(field, form.get_initial_for_field(field, name))
        if _differ(before, after):
            changes[name] = [before, after]
    return changes


def submitted_rows(formset: Any) -> Iterator[tuple[str, Model, dict[str, list[Any]]]]:
    """Each row that a formset has "added", "changed" or "removed", with the changes."""
    of_row = {id(form.instance): form for form in formset.forms}
    for row in formset.new_objects:
        yield "added", row, submitted(of_row[id(row)], is_new=True)
    for row, _names in formset.changed_objects:
        yield "changed", row, submitted(of_row[id(row)], is_new=False)
    for row in formset.deleted_objects:
        # Its deletion took the number from it.
        row.pk = of_row[id(row)].fields[formset._pk_field.name].initial
        yield "removed", row, snapshot(row).until(NO_ROW)


def has_replaced(changes: Mapping[str, list[Any]]) -> bool:
    """Whether a secret is among the changes."""
    return REPLACED in changes.values()


def _differ(before: Any, after: Any) -> bool:
    return bool(before != after and not (before in NOTHING and after in NOTHING))


def _is_told(field: "Field[Any, Any]", row: Model) -> bool:
    is_ours = isinstance(field, BinaryField) or (field.editable and field.name != "partner")
    is_loaded = field.attname not in row.get_deferred_fields()
    return is_ours and is_loaded and not field.primary_key and not isinstance(field, GeneratedField)


def _of_row(field: "Field[Any, Any]", row: Model) -> Any:
    if isinstance(field, ForeignKey):
        return _text_of(getattr(row, field.name)) if getattr(row, field.attname) is not None else None
    return _text_of(getattr(row, field.attname))


def _readable(field: forms.Field, value: Any) -> Any:
    """A value of a form's field; of a related row that a form knows by its number the name."""
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None and isinstance(value, int | str):
        row = field.queryset.filter(**{field.to_field_name or "pk": value}).first() if value else None
        return None if row is None and not value else str(row or value)
    return _text_of(value)


def _text_of(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | dict):
        return value
    if isinstance(value, list | tuple | set | QuerySet):
        return [_text_of(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _is_secret(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput)


def _plain_name(name: str) -> str:
    return name.removeprefix("new_").removeprefix("sealed_").rstrip("12")
