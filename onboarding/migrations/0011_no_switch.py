from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0010_percentages_of_switches"),
    ]

    operations = [
        migrations.RemoveField(model_name="entrypoint", name="use_minimal_onboarding"),
    ]
