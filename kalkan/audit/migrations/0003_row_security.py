"""Who reads and who writes the log, held by the database too. Nobody writes in another's name."""

from django.db import migrations

FORWARD = """
REVOKE UPDATE, DELETE ON audit_auditevent FROM kalkan_app;
ALTER TABLE audit_auditevent ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON audit_auditevent FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_may('audit:event:view')) OR (SELECT kalkan_works_on('command'))
);
CREATE POLICY writing ON audit_auditevent FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_user()) IS NULL OR actor_id IS NULL OR actor_id = (SELECT kalkan_user())
);
"""
BACKWARD = """
DROP POLICY writing ON audit_auditevent;
DROP POLICY reading ON audit_auditevent;
ALTER TABLE audit_auditevent DISABLE ROW LEVEL SECURITY;
GRANT UPDATE, DELETE ON audit_auditevent TO kalkan_app;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only"), ("access", "0002_runtime_role")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
