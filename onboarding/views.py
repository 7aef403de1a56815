"""The merchants' pages: a launch link, its buttons, the return from Meta, and how it ended."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from mbe.links import parse_return
from onboarding.browser import browser_of, browser_or_new, link_of, remember_browser, remember_link
from onboarding.leading import leads_to_meta
from onboarding.models import LaunchLink, OnboardingAttempt
from onboarding.opening import find_link, launch_page
from onboarding.previewing import for_people
from onboarding.results import find_attempt, result_page, started_from, underway
from onboarding.returning import Verdict, arrive
from onboarding.showing import note_shown
from onboarding.starting import NotOffered, Obstructed, start

_STATUS = {Verdict.UNKNOWN: 400, Verdict.FOREIGN: 400, Verdict.REPLAYED: 400, Verdict.EXPIRED: 410}


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Say what this is, to whoever comes without a link."""
    return render(request, "onboarding/front.html")


@require_safe
@for_people
@never_cache
@leads_to_meta
def connect(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page of a launch link."""
    link = _link(token)
    if not link.is_usable:
        return _gone(request, link)
    response = _launch_page(request, link, token)
    # A HEAD shows nothing to anybody.
    if request.method == "GET":
        note_shown(link)
        remember_link(response, token)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@leads_to_meta
def connect_start(request: HttpRequest, token: str, slug: str) -> HttpResponse:
    """Start an entry point: off to Meta's dialog (POST); its address alone shows the page (GET)."""
    if request.method != "POST":
        return redirect("connect", token=token)
    link = _link(token)
    if not link.is_usable:
        return _gone(request, link)
    try:
        return _to_meta(request, link, slug)
    except Obstructed:
        return _launch_page(request, link, token, status=409)


@require_GET
@never_cache
def come_back(request: HttpRequest) -> HttpResponse:
    """Take the return from Meta's dialog."""
    arrival = arrive(parse_return(request.GET.dict()), browser_of(request))
    if arrival.verdict is Verdict.TAKEN and arrival.attempt:
        return redirect("result", public_id=arrival.attempt.public_id)
    context = {"verdict": arrival.verdict.name, "attempt": arrival.attempt}
    return render(request, "onboarding/return_refused.html", context, status=_STATUS[arrival.verdict])


@require_safe
@never_cache
@leads_to_meta
def result(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show how an attempt ended, and follow the sync."""
    page = result_page(_attempt(request, public_id), link_of(request))
    return render(request, "onboarding/result.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@leads_to_meta
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Start the entry point of an attempt once more (POST); its address alone shows how it ended (GET)."""
    if request.method != "POST":
        return redirect("result", public_id=public_id)
    attempt = _attempt(request, public_id)
    if not attempt.launch_link.is_usable:
        return _gone(request, attempt.launch_link)
    try:
        return _to_meta(request, attempt.launch_link, attempt.entry_point.slug, started_from(attempt))
    except Obstructed:
        return redirect("result", public_id=public_id)


def _link(token: str) -> LaunchLink:
    link = find_link(token)
    if link is None:
        raise Http404
    return link


def _attempt(request: HttpRequest, public_id: UUID) -> OnboardingAttempt:
    attempt = find_attempt(public_id, browser_of(request))
    if attempt is None:
        raise Http404
    return attempt


def _to_meta(request: HttpRequest, link: LaunchLink, slug: str, app_id: str | None = None) -> HttpResponse:
    browser = browser_or_new(request)
    try:
        response = HttpResponseRedirect(start(link, slug, browser, app_id=app_id))
    except NotOffered:
        raise Http404 from None
    remember_browser(response, browser)
    return response


def _launch_page(request: HttpRequest, link: LaunchLink, token: str, status: int = 200) -> HttpResponse:
    context = {"page": launch_page(link), "token": token, "underway": underway(link, browser_of(request))}
    return render(request, "onboarding/connect.html", context, status=status)


def _gone(request: HttpRequest, link: LaunchLink) -> HttpResponse:
    return render(request, "onboarding/link_gone.html", {"link": link}, status=410)
