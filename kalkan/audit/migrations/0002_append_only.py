"""Nothing in the log is changed or removed, whoever asks: the database refuses."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_event_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_event_keeps_its_rows BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_never_changed();
CREATE TRIGGER audit_event_keeps_its_table BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_never_changed();
-- Bulk loads and replication switch ordinary triggers off; these stay on.
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_keeps_its_rows;
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_keeps_its_table;
"""
BACKWARD = """
DROP TRIGGER audit_event_keeps_its_table ON audit_auditevent;
DROP TRIGGER audit_event_keeps_its_rows ON audit_auditevent;
DROP FUNCTION audit_event_is_never_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
