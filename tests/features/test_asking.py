"""Asking for many syncs in one transaction, beside the workers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import close_old_connections

from features.asking import ask_for_sync
from features.hints import mark_dirty
from features.models import Cause, Installation
from partners.tenancy import platform
from tests.factories import InstallationFactory, MetaAppFactory

ROUNDS = 40


@pytest.mark.django_db(transaction=True)
def test_asking_for_the_syncs_of_several_partners_never_deadlocks_with_workers() -> None:
    apps = MetaAppFactory.create_batch(2)
    for number in range(8):
        InstallationFactory.create(meta_app=apps[number % 2])

    def ask() -> None:
        for _round in range(ROUNDS):
            with platform():
                assert ask_for_sync(Installation.objects.all()) == 8
        close_old_connections()

    def hint() -> None:
        for _round in range(ROUNDS):
            with platform():
                mark_dirty(Installation.objects.all(), Cause.WEBHOOK)
        close_old_connections()

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(each) for each in (ask, hint, ask, hint)]:
            done.result()
    assert Installation.objects.filter(requested_generation=4 * ROUNDS).count() == 8
