"""What the portal's commands share: one clear line and exit code 2 for bad input, and finding what they are about."""

import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models

from partners.models import Business, MetaApp, Partner
from partners.tenancy import platform, tenant


class BadInput(CommandError):
    """What the caller gave does not fit; ends the command with one line and exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()), returncode=2)


class _OneLineParser(CommandParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong without the usage text around it."""
        if self.called_from_command_line:
            sys.stderr.write(f"{self.prog}: {message}\n")
            sys.exit(2)
        raise BadInput(message)


class PortalCommand(BaseCommand):
    """A command whose bad input, whoever finds it, is one line and exit code 2."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's parser, with an error of one line; Django makes the parser itself, so only its class changes."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = _OneLineParser
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command; what is no text, and what a model refuses, is bad input."""
        _refuse_what_is_no_text(options)
        try:
            return super().execute(*args, **options)
        except ValidationError as error:
            raise BadInput(_line(error)) from None


@contextmanager
def within(slug: str) -> Iterator[Partner]:
    """Work for the partner with this slug: the one place at which a command enters a tenant."""
    partner = partner_of(slug)
    with tenant(partner.pk):
        yield partner


def partner_of(slug: str) -> Partner:
    """The partner with this slug, for a command that calls Meta and so enters the tenant for moments only."""
    with platform():
        partner = Partner.objects.filter(slug=slug).first()
    if partner is None:
        raise BadInput(f"unknown partner “{slug}”")
    return partner


def app_of(partner: Partner, app_id: str | None) -> MetaApp:
    """The partner's app with this Meta app id; without one, its oldest."""
    apps = partner.meta_apps.order_by("pk")
    app = apps.filter(app_id=app_id).first() if app_id else apps.first()
    if app is None:
        raise BadInput(f"partner “{partner.slug}” has no Meta app" + (f" “{app_id}”" if app_id else ""))
    return app


def business_of(partner: Partner, external_business_id: str) -> Business:
    """The partner's business with this external id."""
    business = partner.businesses.filter(external_business_id=external_business_id).first()
    if business is None:
        raise BadInput(f"partner “{partner.slug}” has no business “{external_business_id}”")
    return business


def checked(row: models.Model) -> None:
    """Check a row as its form would, and write it."""
    row.full_clean()
    row.save()


def _refuse_what_is_no_text(options: Mapping[str, Any]) -> None:
    # A shell's bytes that are no UTF-8 arrive as surrogates, which no column holds; control characters break lines.
    for name, given in options.items():
        for word in given if isinstance(given, list) else [given]:
            if isinstance(word, str) and any(unicodedata.category(each) in ("Cc", "Cs") for each in word):
                raise BadInput(f"{name.replace('_', '-')} holds characters that are no text")


def _line(error: ValidationError) -> str:
    if hasattr(error, "error_dict"):
        parts = [f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()]
        return "; ".join(part.removeprefix("__all__: ") for part in parts)
    return " ".join(error.messages)
