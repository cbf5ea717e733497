"""The view over episodes shows what its reader may see of them, not what its owner may."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("statistics", "0002_frozen_and_counted_form"), ("cases", "0003_row_security")]
    operations = [
        migrations.RunSQL(
            "ALTER VIEW statistics_counted_form SET (security_invoker = true)",
            "ALTER VIEW statistics_counted_form RESET (security_invoker)",
        )
    ]
