"""One person's visits to the admin's lists, in a process of its own with one of the databases."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db import connection
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import reverse

# One business in either size, and more than a search takes in either.
ONE_FOUND, MANY_FOUND = "shop-1996-", "shop-1"


@dataclass(frozen=True)
class Visit:
    """A page that was shown: its SQL statements, the seconds that it took, and those of them for the statements."""

    statements: int
    seconds: float
    seconds_of_statements: float


def addresses(username: str) -> list[str]:
    """The lists that this person has: each as it opens, searched for one and for many, and by each of its filters."""
    client = _client(username)
    found: list[str] = []
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(address)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            found += [address + query for query in _queries(answer.context_data["cl"])]
    return found


def visit(username: str, address: str) -> Visit:
    """Open the page."""
    waits: list[float] = []

    def clock(execute: Callable[..., Any], *arguments: Any) -> Any:
        asked_at = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            waits.append(time.perf_counter() - asked_at)

    client = _client(username)
    with connection.execute_wrapper(clock):
        begun_at = time.perf_counter()
        answer = client.get(address)
        seconds = time.perf_counter() - begun_at
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return Visit(len(waits), seconds, sum(waits))


def _queries(changes: ChangeList) -> Iterator[str]:
    yield ""
    if changes.search_fields:
        yield from (f"?q={term}" for term in (ONE_FOUND, MANY_FOUND))
    for filters in changes.filter_specs:
        # The first choice is all of them.
        chosen = list(filters.choices(changes))[1:2]
        yield from (str(choice["query_string"]) for choice in chosen)


@cache
def _client(username: str) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(username=username))
    return client
