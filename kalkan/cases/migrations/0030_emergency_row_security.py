"""A case opened in an emergency can be read, never changed, held by the database too."""

from django.db import migrations

FORWARD = """
CREATE POLICY emergency ON cases_case FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_may('cases:case:view')) AND reference = ANY ((SELECT kalkan_opened_cases())::uuid[])
);
CREATE POLICY checking ON cases_case FOR SELECT TO kalkan_app USING ((SELECT kalkan_works_on('checking', 'emergency')));
"""
# What hangs on a case follows the case to whoever sees it: these keep a mere reader from writing there.
CLOSED = """
CREATE POLICY not_in_an_emergency_{act} ON {table} AS RESTRICTIVE FOR {act} TO kalkan_app {clause} (
    NOT EXISTS (
        SELECT 1 FROM cases_case c WHERE c.id = case_id AND c.reference = ANY ((SELECT kalkan_opened_cases())::uuid[])
    )
);
"""
TABLES = [
    *("cases_stagechange", "cases_screening", "cases_interview", "cases_decision", "cases_episode"),
    *("cases_allegedperpetrator", "cases_deadline"),
]
ACTS = [("INSERT", "WITH CHECK"), ("UPDATE", "USING"), ("DELETE", "USING")]


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_row_security"), ("access", "0032_emergency_row_security")]
    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(CLOSED.format(table=table, act=act, clause=clause), migrations.RunSQL.noop)
            for table in TABLES
            for act, clause in ACTS
        ),
    ]
