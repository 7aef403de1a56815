"""Addresses that take a form and answer with a page: opened by themselves, or in another language, they lead back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def lead_back(request: HttpRequest, to: Any, *args: Any) -> HttpResponseRedirect:
    """Answer a GET of an address that only takes a form: go to where the form is, and say why.

    `to` and `args` are what `redirect` takes. So a change of language on the page that answered ends in no error.
    """
    messages.info(request, _("The page that you came from answered a form. Nothing was done now; here you can go on."))
    return redirect(to, *args)
