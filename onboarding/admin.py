"""The admin of the door to Meta: businesses, launch links, attempts."""

from django.contrib import admin

from onboarding.attempt_admin import AttemptAdmin
from onboarding.business_admin import BusinessAdmin
from onboarding.launch_link_admin import LaunchLinkAdmin
from onboarding.models import LaunchLink, OnboardingAttempt
from partners.models import Business

admin.site.register(Business, BusinessAdmin)
admin.site.register(LaunchLink, LaunchLinkAdmin)
admin.site.register(OnboardingAttempt, AttemptAdmin)
