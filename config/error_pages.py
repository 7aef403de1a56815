"""Django's error page for developers, without anybody's secrets: DEBUG may be on where it should not be."""

import re
from collections.abc import ItemsView, Iterable
from enum import Enum
from types import FrameType, FunctionType, ModuleType
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from config.scrubbing import scrub_secrets

_TELLING = (bool, int, float, Enum, UUID, type, FunctionType, ModuleType, type(None))


class Described:
    """Stands for a value: what kind it is, and no more of it than can hold no secret."""

    def __init__(self, value: object) -> None:
        self._text = _describe(value)

    def __repr__(self) -> str:
        return self._text


class ErrorFilter(SafeExceptionReporterFilter):
    """Hides by kind, not by name: a secret may be in any text, and a text in any variable."""

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE|DATABASE|REDIS|BROKER|EMAIL|DSN|QUERY_STRING|RAW_URI", re.I
    )

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Name the cookies."""
        return {name: Described(value) for name, value in request.COOKIES.items()}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Name the fields."""
        return {} if request is None else described(request.POST.items())

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """Name the variables with their kinds."""
        return described(tb_frame.f_locals.items()).items()


class ErrorReporter(ExceptionReporter):
    """The page itself: queries named only, and all of it scrubbed once more (the path, the messages of exceptions)."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Gather what the page shows."""
        data = super().get_traceback_data()
        if self.request is not None:
            data["request_GET_items"] = described(self.request.GET.items()).items()
            data["request_insecure_uri"] = data["request_insecure_uri"].partition("?")[0]
        return data

    def get_traceback_html(self) -> SafeString:
        """Give the page for browsers."""
        return mark_safe(scrub_secrets(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        """Give the page for everything else."""
        return mark_safe(scrub_secrets(super().get_traceback_text()))


def described(items: Iterable[tuple[str, object]]) -> dict[str, Described]:
    """Keep the names."""
    return {name: Described(value) for name, value in items}


def _describe(value: object) -> str:
    kind = type(value).__name__
    if isinstance(value, _TELLING):
        return repr(value)
    if isinstance(value, Model):
        return f"<{kind} {value.pk}>"
    if isinstance(value, str | bytes | list | tuple | dict | set | frozenset):
        return f"<{kind} of {len(value)}>"
    return f"<{kind}>"
