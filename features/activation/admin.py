"""The admin of what makes features work."""

from django.contrib import admin

from features.activation.activation_admin import ActivationAdmin
from features.activation.models import Activation

admin.site.register(Activation, ActivationAdmin)
