from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0006_arms_and_ways_in"),
    ]

    operations = [
        RowSecurity("onboarding_armoverride"),
        RowSecurity("onboarding_showing"),
        SamePartner("onboarding_armoverride", "entry_point_id", to="onboarding_entrypoint"),
        SamePartner("onboarding_armoverride", "business_id", to="partners_business"),
        SamePartner("onboarding_showing", "entry_point_id", to="onboarding_entrypoint"),
        SamePartner("onboarding_showing", "business_id", to="partners_business"),
    ]
