"""Who reads seals, and which tasks read the log; nobody but the task of sealing writes a seal."""

from django.db import migrations

FORWARD = """
CREATE POLICY tasks ON audit_auditevent FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('sealing', 'checking', 'emergency'))
);
REVOKE UPDATE, DELETE ON audit_batch FROM kalkan_app;
ALTER TABLE audit_batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON audit_batch FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_may('audit:event:view')) OR (SELECT kalkan_works_on('sealing'))
);
CREATE POLICY sealing ON audit_batch FOR INSERT TO kalkan_app WITH CHECK ((SELECT kalkan_works_on('sealing')));
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_row_security"), ("audit", "0020_sealed"), ("access", "0002_runtime_role")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
