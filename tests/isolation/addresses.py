"""Every address of the site, as the resolver knows it: generated pages, each tool and each room of the admin."""

import re
from collections.abc import Iterator

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from partners.object_tools import ObjectToolsMixin

_CONVERTED = re.compile(r"<\w+:(\w+)>")
_NAMED_GROUP = re.compile(r"\(\?P(<\w+>)[^)]*\)")
_ROOMS = re.compile(r"\(\?P<app_label>([^)]*)\)")
_TOOL = "/tool/<method>/"


def addresses() -> list[str]:
    """All of them, with names in angle brackets where a row's number or a token stands."""
    found = [each for route in _routes(get_resolver()) for each in _each_of(route)]
    assert len(found) == len(set(found)), "two addresses look the same"
    return sorted(found)


def kind_of(address: str) -> str:
    """The kind of row (app_model) that an address of the admin is about; empty where it is about none."""
    words = address.split("/")
    kind = "_".join(words[1:3])
    return kind if words[0] == "admin" and kind in {_kind(each) for each in admin.site._registry.values()} else ""


def _kind(model_admin: admin.ModelAdmin) -> str:  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    return f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern).lstrip("^")
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _routes(each, route)


def _each_of(route: str) -> Iterator[str]:
    rooms = _ROOMS.search(route)
    if rooms:
        for room in rooms[1].split("|"):
            yield route.replace(rooms[0], room).rstrip("$")
        return
    address = _CONVERTED.sub(r"<\1>", _NAMED_GROUP.sub(r"\1", route)).rstrip("$")
    if address.endswith(_TOOL):
        yield from _tools_at(address)
    else:
        yield address


def _tools_at(address: str) -> Iterator[str]:
    for model_admin in admin.site._registry.values():
        if isinstance(model_admin, ObjectToolsMixin) and _kind(model_admin) == kind_of(address):
            yield from (address.replace("<method>", tool.method) for tool in model_admin.tools)
