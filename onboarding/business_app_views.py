"""The page that Meta opens when a merchant starts there (meta-api, 1.11): who are you, and what shall be on?"""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onboarding.browser import browser_or_new, forget_link, link_of, remember_browser, remember_link
from onboarding.business_app import (
    Way,
    WayRefused,
    find_app,
    read_way,
    sign_in_address,
    start_at_meta,
    usable_link,
)
from onboarding.leading import leads_to_meta
from onboarding.models import LaunchLink
from onboarding.opening import launch_page
from onboarding.previewing import for_people
from onboarding.showing import note_shown
from onboarding.starting import NotOffered, Obstructed
from partners.models import MetaApp


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
@never_cache
@leads_to_meta
def business_app(request: HttpRequest, app_id: str) -> HttpResponse:
    """Take a merchant from Meta: let them sign in, show what can be turned on, and send them back (POST)."""
    meta_app = find_app(app_id)
    if meta_app is None:
        raise Http404
    browser = browser_or_new(request)
    try:
        way = read_way(app_id, request.GET, browser)
    except WayRefused as refusal:
        return render(request, "onboarding/business_app_refused.html", {"reason": str(refusal)}, status=400)
    # Only for whom this browser was sent to sign in: a link made by somebody else must not say who sits here.
    if "launch_token" in request.GET and "redirect_uri" not in request.GET:
        response = _take_token(request, meta_app, way)
    else:
        response = _with_link(request, meta_app, way, browser)
    remember_browser(response, browser)
    return response


def _take_token(request: HttpRequest, meta_app: MetaApp, way: Way) -> HttpResponse:
    """Keep the launch token as a cookie, and get it out of the address."""
    token = request.GET["launch_token"]
    if usable_link(token, meta_app) is None:
        return _signed_out(request, meta_app, way, is_token_bad=True, status=403)
    response = redirect(way.address)
    remember_link(response, token)
    return response


def _with_link(request: HttpRequest, meta_app: MetaApp, way: Way, browser: str) -> HttpResponse:
    link = usable_link(link_of(request), meta_app)
    if request.method == "POST":
        return _posted(request, meta_app, way, browser, link)
    if link is not None:
        if request.method == "GET":
            note_shown(link, meta_app)
        return _page(request, meta_app, way, link)
    # Whoever comes back from there without a token was not signed in: sent again by itself, it would go on for ever.
    if meta_app.sign_in_url and "redirect_uri" in request.GET:
        return HttpResponseRedirect(sign_in_address(meta_app, way))
    return _signed_out(request, meta_app, way)


def _posted(request: HttpRequest, meta_app: MetaApp, way: Way, browser: str, link: LaunchLink | None) -> HttpResponse:
    """Start what was pressed; or forget who this was. A form may end at Meta only, so the sign-in is a link here."""
    if link is None or "not_me" in request.POST:
        response = _signed_out(request, meta_app, way)
        forget_link(response)
        return response
    # Another tab may have opened another business since: what was pressed is meant for the one that was shown.
    if request.POST.get("business") != link.business.external_business_id:
        return _page(request, meta_app, way, link, is_another=True, status=409)
    try:
        return HttpResponseRedirect(start_at_meta(link, request.POST.get("entry_point", ""), browser, way))
    except NotOffered:
        raise Http404 from None
    except Obstructed:
        return _page(request, meta_app, way, link, status=409)


def _page(
    request: HttpRequest, meta_app: MetaApp, way: Way, link: LaunchLink, *, is_another: bool = False, status: int = 200
) -> HttpResponse:
    """The buttons; `is_another` says that they are another business's than those that were pressed."""
    context = {"page": launch_page(link, meta_app), "way": way, "is_another": is_another}
    return render(request, "onboarding/business_app.html", context, status=status)


def _signed_out(
    request: HttpRequest, meta_app: MetaApp, way: Way, *, is_token_bad: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "partner_name": meta_app.partner.name,
        "sign_in_address": sign_in_address(meta_app, way),
        "is_token_bad": is_token_bad,
    }
    return render(request, "onboarding/business_app_sign_in.html", context, status=status)
