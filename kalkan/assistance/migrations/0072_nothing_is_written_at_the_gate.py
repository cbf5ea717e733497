"""The gate only reads: what migration 0062 holds for the tables of that time is held for those that came since."""

from django.db import migrations

FORWARD = """
DO $$
DECLARE
    protected text;
    act record;
BEGIN
    FOR protected IN
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relrowsecurity
            AND c.relname ~ '^(persons|cases|assistance)_'
            AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'not_at_the_gate_insert')
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


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0071_papers_and_documents_row_security"),
        ("persons", "0070_attachment_content"),
        ("cases", "0041_hand_over"),
    ]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
