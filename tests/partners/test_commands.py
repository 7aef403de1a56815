"""What the commands refuse before anything looks at it."""

import io
from collections.abc import Sequence

import pytest
from django.core.management import call_command

from partners.commands import BadInput


@pytest.mark.parametrize(
    "words",
    [
        ("show_business", "acme", "\udcff"),
        ("sync", "acme", "shop-1", "shop-\udcff"),
        ("add_business", "acme", "shop-1\x07", "--name", "Shop"),
        ("add_business", "acme", "shop-1", "--name", "One\nTwo"),
    ],
)
def test_words_that_are_no_text_are_refused_in_one_line(words: Sequence[str]) -> None:
    with pytest.raises(BadInput, match=r"^[a-z-]+ holds characters that are no text$") as refusal:
        call_command(*words, stdout=io.StringIO())
    assert refusal.value.returncode == 2
