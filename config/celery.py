"""The Celery application; its settings are the `CELERY_` ones of Django's settings."""

import os

from celery import Celery
from celery.signals import worker_init

from config.start_checks import refuse_to_start_if_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
worker_init.connect(refuse_to_start_if_unsafe, weak=False)
