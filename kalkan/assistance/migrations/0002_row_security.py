"""Whose promises exist for whom, held by the database too: the second wall behind `assistance.policy`."""

from django.db import migrations

FORWARD = """
ALTER TABLE assistance_promise ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_promise FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('clock', 'oversight', 'figures', 'erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND (
        (SELECT kalkan_reach()) = 'nation'
        OR institution_id = (SELECT kalkan_institution())
        OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    )
);
ALTER TABLE assistance_reminder ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_reminder FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('clock', 'erasure'))
    OR EXISTS (SELECT 1 FROM assistance_promise p WHERE p.id = promise_id)
);
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0001_initial"), ("access", "0002_runtime_role"), ("cases", "0003_row_security")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
