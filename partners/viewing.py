"""Who looks at the admin, at which partner, with which role."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from partners.models import Membership, Partner, Role
from partners.tenancy import platform

# The session's word for the partner in view.
IN_VIEW = "partner_in_view"


@dataclass(frozen=True)
class Viewer:
    """A person and what is in view: one partner, or every one (`partner` is None) for platform staff who chose none."""

    is_platform: bool = False
    partner: Partner | None = None
    role: Role | None = None
    choices: tuple[Partner, ...] = ()

    @property
    def is_somebody(self) -> bool:
        """Whether there is anything in view."""
        return self.is_platform or self.partner is not None

    def may(self, role: Role) -> bool:
        """Whether this person may do what the role may; platform staff stand above all roles."""
        return self.is_platform or (self.role is not None and self.role.rank >= role.rank)


NOBODY = Viewer()


def viewer(request: HttpRequest) -> Viewer:
    """Who looks, as the middleware has found out."""
    return getattr(request, "viewer", NOBODY)


def find_viewer(request: HttpRequest) -> Viewer:
    """Find out who asks; the middleware keeps the answer as `request.viewer`."""
    user = request.user
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return NOBODY
    chosen = request.session.get(IN_VIEW)
    return _platform_staff(chosen) if user.is_superuser else _member(user, chosen)


def have_in_view(request: HttpRequest, partner_id: int | None) -> None:
    """Have this partner in view, or all; forms that are open in other tabs are for the one before, and end."""
    if request.session.get(IN_VIEW) != partner_id:
        request.session[IN_VIEW] = partner_id
        rotate_token(request)


def memberships_of(user: User) -> list[Membership]:
    """The memberships that open something, with their partners, oldest first; needs `platform`."""
    active = Membership.objects.filter(user=user, is_active=True)
    return list(active.select_related("partner").order_by("pk"))


def _platform_staff(chosen: int | None) -> Viewer:
    if chosen is None:
        return Viewer(is_platform=True)
    with platform():
        return Viewer(is_platform=True, partner=Partner.objects.filter(pk=chosen).first())


def _member(user: User, chosen: int | None) -> Viewer:
    with platform():
        memberships = memberships_of(user)
    if not memberships:
        return NOBODY
    in_view = next((each for each in memberships if each.partner_id == chosen), memberships[0])
    return Viewer(partner=in_view.partner, role=Role(in_view.role), choices=tuple(each.partner for each in memberships))
