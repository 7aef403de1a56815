"""Forms of a tenant's rows."""

from typing import Any, ClassVar

from django.db.models import Model
from django.forms import ModelForm
from django.utils.translation import gettext as _

from partners.open_choice import FIND, SOUGHT


class TenantForm(ModelForm):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Gives a new row its partner, and keeps every row that it points to within that partner.

    The partner is that of the row in `partner_of`, where there is such a field; else the form's own field `partner`, or
    the one partner of a member of one.
    """

    partner_of: ClassVar[str] = ""
    sole_partner_id: ClassVar[int | None] = None

    def full_clean(self) -> None:
        """Where a row is looked for, say what came of that, and nothing of the rest: nobody has finished the form."""
        super().full_clean()
        sought = [name for name in self.errors if FIND in self.data and self.has_error(name, SOUGHT)]
        for name in set(self.errors) - set(sought) if sought else ():
            del self.errors[name]

    def clean(self) -> dict[str, Any]:
        """Settle whose the row is, and refuse what belongs to somebody else."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance.partner_id is None and "partner" not in self.fields:
            source = cleaned.get(self.partner_of)
            self.instance.partner_id = source.partner_id if source else self.sole_partner_id
        owner = cleaned["partner"].pk if cleaned.get("partner") else self.instance.partner_id
        for name, value in list(cleaned.items()):
            if isinstance(value, Model) and owner and getattr(value, "partner_id", owner) != owner:
                self.add_error(name, _("This belongs to another partner."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """Check constraints with the partner, although it may be no field of the form."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"partner"} if self.instance.partner_id else excluded
