"""Which period of the audit log to export."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.audit.models import AuditExport

USUAL_DAYS = 90


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _usual_first_day() -> date:
    return timezone.localdate() - timedelta(days=USUAL_DAYS)


class AuditExportForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """The first and the last day, in the zone of the person who asks."""

    first_day = forms.DateField(label=_("First day"), initial=_usual_first_day, widget=_day())
    last_day = forms.DateField(label=_("Last day"), initial=timezone.localdate, widget=_day())

    class Meta:
        model = AuditExport
        fields = ()

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("first_day") and cleaned.get("last_day") and cleaned["first_day"] > cleaned["last_day"]:
            self.add_error("last_day", _("The last day is before the first."))
        return cleaned

    @property
    def since(self) -> datetime:
        """Where the period begins."""
        return _start_of(self.cleaned_data["first_day"])

    @property
    def until(self) -> datetime:
        """Where it ends: with the last day, or now."""
        return min(_start_of(self.cleaned_data["last_day"] + timedelta(days=1)), timezone.now())


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
