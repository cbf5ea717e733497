"""Whose emergencies exist for whom, and what the open ones of whoever acts show: asked by cases and persons."""

from django.db import migrations

FORWARD = """
REVOKE DELETE ON access_emergency FROM kalkan_app;
ALTER TABLE access_emergency ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON access_emergency FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('emergency'))
    OR user_id = (SELECT kalkan_user())
    OR (SELECT kalkan_may('access:emergency:review'))
    OR (SELECT kalkan_may('access:emergency:watch')) AND (
        (SELECT kalkan_reach()) = 'nation'
        OR user_id IN (
            SELECT u.id FROM access_user u JOIN access_institution i ON i.id = u.institution_id
            WHERE i.province_id = (SELECT kalkan_province())
        )
    )
);
CREATE POLICY opening ON access_emergency FOR INSERT TO kalkan_app WITH CHECK (
    user_id = (SELECT kalkan_user()) AND (SELECT kalkan_may('access:emergency:open'))
);
CREATE POLICY ending ON access_emergency FOR UPDATE TO kalkan_app USING (
    user_id = (SELECT kalkan_user()) OR (SELECT kalkan_may('access:emergency:review'))
);

CREATE FUNCTION kalkan_opened_persons() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT array(
        SELECT e.person FROM access_emergency e
        WHERE e.user_id = kalkan_user() AND e.ended_at IS NULL
            AND e.opened_at <= clock_timestamp() AND e.ends_at > clock_timestamp()
            AND kalkan_may('access:emergency:open')
    )
$$;
CREATE FUNCTION kalkan_opened_cases() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT array(
        SELECT e."case" FROM access_emergency e
        WHERE e.user_id = kalkan_user() AND e.ended_at IS NULL AND e."case" IS NOT NULL
            AND e.opened_at <= clock_timestamp() AND e.ends_at > clock_timestamp()
            AND kalkan_may('access:emergency:open')
    )
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_runtime_role"), ("access", "0031_emergencies_stay")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
