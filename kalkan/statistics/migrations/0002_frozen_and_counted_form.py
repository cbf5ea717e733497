"""Frozen years that nobody can change, and the view that gives each case the one form it is counted under."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION statistics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A frozen year is never changed: record a revision (% on %)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER snapshot_is_never_changed BEFORE UPDATE OR DELETE ON statistics_snapshot
    FOR EACH ROW EXECUTE FUNCTION statistics_refuse_change();
CREATE TRIGGER snapshot_is_never_emptied BEFORE TRUNCATE ON statistics_snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_refuse_change();
CREATE TRIGGER revision_is_never_changed BEFORE UPDATE OR DELETE ON statistics_revision
    FOR EACH ROW EXECUTE FUNCTION statistics_refuse_change();
CREATE TRIGGER revision_is_never_emptied BEFORE TRUNCATE ON statistics_revision
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_refuse_change();
"""
ALLOW = """
DROP TRIGGER snapshot_is_never_changed ON statistics_snapshot;
DROP TRIGGER snapshot_is_never_emptied ON statistics_snapshot;
DROP TRIGGER revision_is_never_changed ON statistics_revision;
DROP TRIGGER revision_is_never_emptied ON statistics_revision;
DROP FUNCTION statistics_refuse_change();
"""
# min <> max instead of count(distinct): the planner can then hash instead of sorting every episode.
COUNTED_FORM = """
CREATE VIEW statistics_counted_form AS
SELECT case_id, CASE WHEN min(form) <> max(form) OR min(form) = 'multiple' THEN 'several' ELSE min(form) END AS form
FROM (SELECT case_id, unnest(forms) AS form FROM cases_episode) AS each
WHERE form NOT IN ('', 'unknown')
GROUP BY case_id;
"""


class Migration(migrations.Migration):
    dependencies = [("statistics", "0001_initial"), ("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunSQL(COUNTED_FORM, "DROP VIEW statistics_counted_form"),
    ]
