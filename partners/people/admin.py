"""Puts the people's admins on the site."""

from django.contrib import admin
from django.contrib.auth.models import Group, User

from partners.models import Membership
from partners.people.invitation_admin import InvitationAdmin
from partners.people.member_admin import MemberAdmin
from partners.people.models import Invitation
from partners.people.person_admin import PersonAdmin

admin.site.unregister(Group)
admin.site.unregister(User)
admin.site.register(User, PersonAdmin)
admin.site.register(Membership, MemberAdmin)
admin.site.register(Invitation, InvitationAdmin)
