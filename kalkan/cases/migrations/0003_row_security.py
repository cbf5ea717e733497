"""Whose cases exist for whom, held by the database too: the second wall behind `cases.policy`."""

from django.db import migrations

VISIBLE = """
    (SELECT kalkan_works_on('figures', 'oversight', 'import', 'erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND (
        (SELECT kalkan_reach()) = 'nation'
        OR institution_id = (SELECT kalkan_institution())
        OR is_with_authority AND province_id = (SELECT kalkan_province())
    )
"""

CASES = f"""
ALTER TABLE cases_case ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON cases_case FOR SELECT TO kalkan_app USING ({VISIBLE});
CREATE POLICY changing ON cases_case FOR UPDATE TO kalkan_app USING ({VISIBLE});
CREATE POLICY opening ON cases_case FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_works_on('import')) OR institution_id = (SELECT kalkan_institution())
);
"""

OF_A_CASE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON {table} FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('figures', 'oversight', 'import', 'erasure'))
    OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
"""
TABLES = [
    *("cases_stagechange", "cases_screening", "cases_interview", "cases_decision", "cases_episode"),
    *("cases_allegedperpetrator", "cases_deadline"),
]

OTHERS = """
ALTER TABLE cases_answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON cases_answer FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('figures', 'import', 'erasure'))
    OR EXISTS (SELECT 1 FROM cases_screening s WHERE s.id = screening_id)
);
ALTER TABLE cases_caselink ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON cases_caselink FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = other_id)
);
CREATE POLICY linking ON cases_caselink FOR INSERT TO kalkan_app WITH CHECK (
    EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = other_id)
);
CREATE POLICY erasing ON cases_caselink FOR DELETE TO kalkan_app USING ((SELECT kalkan_works_on('erasure')));

REVOKE UPDATE, DELETE ON cases_stagechange FROM kalkan_app;

-- The rules look at rows that whoever acts need not see, and some look when the transaction ends.
DO $$
DECLARE
    rule regprocedure;
BEGIN
    FOR rule IN
        SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.proname LIKE 'cases\\_%'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, public', rule);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_rules"), ("access", "0002_runtime_role")]
    operations = [
        migrations.RunSQL(CASES, migrations.RunSQL.noop),
        *(migrations.RunSQL(OF_A_CASE.format(table=table), migrations.RunSQL.noop) for table in TABLES),
        migrations.RunSQL(OTHERS, migrations.RunSQL.noop),
    ]
