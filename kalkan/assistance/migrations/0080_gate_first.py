"""What the gate may read is asked before what its asker may.

PostgreSQL puts the permissive policies of a table together in the reverse order of their names and stops at the first
that holds. Under its old name the gate's came after `reading`, which looks for a holding of each candidate. Order
changes the time alone, never whose rows exist.
"""

from django.db import migrations

TABLES = ["persons_person", "persons_personname", "persons_possiblesame", "cases_case", "cases_screening"]


class Migration(migrations.Migration):
    dependencies = [("assistance", "0073_narrow_documents")]
    operations = [
        migrations.RunSQL(
            f"ALTER POLICY gate ON {table} RENAME TO removal_gate",
            f"ALTER POLICY removal_gate ON {table} RENAME TO gate",
        )
        for table in TABLES
    ]
