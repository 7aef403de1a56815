"""What staff hand over on the page of imports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogs.intakes import format_of
from golive.migration.wording import problem_text

_NO_FORMAT = _(
    "The file's name does not tell the format. CSV ends in .csv, .tsv or .txt, JSON Lines in .jsonl, .ndjson or .json; "
    ".gz may follow."
)


class ImportForm(forms.Form):
    """A file of v2 installations; its format is in `cleaned_data["format"]`."""

    file = forms.FileField(label=_("File"))
    is_dry_run = forms.BooleanField(label=_("Dry run: check all rows and tokens, import none"), required=False)

    def __init__(self, *args: Any, has_too_large_file: bool = False, **kwargs: Any) -> None:
        """Take whether the upload was cut off for its size."""
        super().__init__(*args, **kwargs)
        too_large = problem_text("too_big") if has_too_large_file else _("Choose a file.")
        self.fields["file"].error_messages["required"] = too_large

    def clean(self) -> dict[str, Any] | None:
        """Tell the format by the file's name."""
        given = self.cleaned_data
        if "file" in given:
            given["format"] = format_of(given["file"].name)
            if given["format"] is None:
                self.add_error("file", _NO_FORMAT)
        return given
