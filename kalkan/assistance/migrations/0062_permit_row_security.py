"""Whose permits, returns and questions to the gate exist for whom: the second wall behind `assistance.policy`.

The gate looks at persons and cases of the whole nation, to read and never to change. It is told by `Task.GATE`, which
only `services.gate` takes up, and what it finds there leaves it as reasons.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE assistance_permit ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_permit FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('clock', 'figures', 'erasure'))
    OR ((SELECT kalkan_may('assistance:permit:request')) OR (SELECT kalkan_may('assistance:permit:decide')))
        AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
CREATE POLICY gate ON assistance_permit FOR SELECT TO kalkan_app USING ((SELECT kalkan_works_on('gate')));

-- A maximum counts also what another province granted: the days of a person's permits, and nothing else of them.
CREATE FUNCTION assistance_permit_days(person bigint)
    RETURNS TABLE (state varchar, starts_on date, ends_on date, cancelled_on date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT p.state, p.starts_on, p.ends_on, p.cancelled_on FROM assistance_permit p
    WHERE p.person_id = person AND p.state <> 'refused' ORDER BY p.starts_on, p.id
$$;
REVOKE EXECUTE ON FUNCTION assistance_permit_days(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assistance_permit_days(bigint) TO kalkan_app;

ALTER TABLE assistance_returnplan ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_returnplan FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('clock', 'figures', 'erasure'))
    OR ((SELECT kalkan_may('assistance:return:plan')) OR (SELECT kalkan_may('assistance:return:approve')))
        AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
ALTER TABLE assistance_returnfollowup ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_returnfollowup FOR ALL TO kalkan_app USING (
    EXISTS (SELECT 1 FROM assistance_returnplan r WHERE r.id = plan_id)
);

ALTER TABLE assistance_gatecheck ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_gatecheck FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('clock', 'figures', 'erasure'))
    OR (SELECT kalkan_may('assistance:gate:ask')) AND (
        (SELECT kalkan_reach()) = 'nation'
        OR institution_id = (SELECT kalkan_institution())
        OR province_id = (SELECT kalkan_province())
    )
);
"""
GATE = "CREATE POLICY gate ON {table} FOR SELECT TO kalkan_app USING ((SELECT kalkan_works_on('gate')));"
# Other policies let write whoever sees the person or the case: what the gate sees, nobody writes at the gate.
READ_ONLY = """
DO $$
DECLARE
    protected text;
    act record;
BEGIN
    FOR protected IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relrowsecurity
            AND relname ~ '^(persons|cases|assistance)_'
    LOOP
        FOR act IN SELECT * FROM (VALUES ('INSERT', 'WITH CHECK'), ('UPDATE', 'USING'), ('DELETE', 'USING')) a(name, clause)
        LOOP
            EXECUTE format(
                'CREATE POLICY not_at_the_gate_%s ON %I AS RESTRICTIVE FOR %s TO kalkan_app %s '
                '((SELECT current_setting(''kalkan.task'', true)) IS DISTINCT FROM ''gate'')',
                lower(act.name), protected, act.name, act.clause
            );
        END LOOP;
    END LOOP;
END $$;
"""
TABLES = ["persons_person", "persons_personname", "persons_possiblesame", "cases_case", "cases_screening"]


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0061_permit_rules"),
        ("access", "0002_runtime_role"),
        ("persons", "0002_row_security"),
        ("cases", "0003_row_security"),
    ]
    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        *(migrations.RunSQL(GATE.format(table=table), migrations.RunSQL.noop) for table in TABLES),
        migrations.RunSQL(READ_ONLY, migrations.RunSQL.noop),
    ]
