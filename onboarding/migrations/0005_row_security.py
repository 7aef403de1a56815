"""The rows of a partner are seen by that partner alone, and point to rows of the same partner only."""

from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0005_row_security"),
        ("onboarding", "0004_keys_of_a_partner"),
    ]

    operations = [
        RowSecurity("onboarding_entrypoint"),
        RowSecurity("onboarding_launchlink"),
        RowSecurity("onboarding_onboardingattempt"),
        SamePartner("onboarding_entrypoint", "meta_app_id", to="partners_metaapp"),
        SamePartner("onboarding_launchlink", "business_id", to="partners_business"),
        SamePartner("onboarding_launchlink", "entry_point_id", to="onboarding_entrypoint"),
        SamePartner("onboarding_onboardingattempt", "business_id", to="partners_business"),
        SamePartner("onboarding_onboardingattempt", "meta_app_id", to="partners_metaapp"),
        SamePartner("onboarding_onboardingattempt", "entry_point_id", to="onboarding_entrypoint"),
        SamePartner("onboarding_onboardingattempt", "launch_link_id", to="onboarding_launchlink"),
    ]
