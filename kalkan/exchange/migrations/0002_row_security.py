"""Whose imports exist for whom, and who sees the queue, held by the database too."""

from django.db import migrations

IMPORTS = """
ALTER TABLE exchange_importrun ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON exchange_importrun FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('import', 'erasure'))
    OR (SELECT kalkan_may('exchange:import:run')) AND (
        (SELECT kalkan_reach()) = 'nation' OR institution_id = (SELECT kalkan_institution())
    )
);
ALTER TABLE exchange_importproblem ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON exchange_importproblem FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('import', 'erasure')) OR EXISTS (SELECT 1 FROM exchange_importrun r WHERE r.id = run_id)
);
ALTER TABLE exchange_importedrecord ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON exchange_importedrecord FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('import', 'erasure')) OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
"""

QUEUE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON {table} FOR ALL TO kalkan_app USING ((SELECT kalkan_works_on('queue', 'erasure')));
"""
QUEUE_TABLES = [
    *("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0001_initial"),
        ("cases", "0003_row_security"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        migrations.RunSQL(IMPORTS, migrations.RunSQL.noop),
        *(migrations.RunSQL(QUEUE.format(table=table), migrations.RunSQL.noop) for table in QUEUE_TABLES),
    ]
