"""The WSGI application; a process in which it would be unsafe does not start."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

from config.handlers import handler_by_path
from config.start_checks import refuse_to_start_if_unsafe

django.setup(set_prefix=False)
refuse_to_start_if_unsafe()
application = handler_by_path()
