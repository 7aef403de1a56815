"""An invitation is seen by its partner alone."""

from django.db import migrations

from partners.row_security import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_invitations_and_second_factors"),
        ("partners", "0005_row_security"),
    ]

    operations = [RowSecurity("people_invitation")]
