"""The role that web server and worker run as, and what its sessions say of who acts: the ground of the second wall.

The role is not the owner of any table and cannot bypass row-level security. Who acts is told to the session as
settings (see `access.session`); where nothing was told, every function below answers with nothing.
"""

from django.db import migrations

from kalkan.access.runtime_role import MAKE_ROLE

FORWARD = """
GRANT USAGE ON SCHEMA public TO kalkan_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO kalkan_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO kalkan_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kalkan_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO kalkan_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM kalkan_app;

-- Plain SQL, so that the planner puts the words in place; policies ask them as (SELECT …), once for a whole query.
CREATE FUNCTION kalkan_reach() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT current_setting('kalkan.reach', true) $$;
CREATE FUNCTION kalkan_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('kalkan.user', true), '')::bigint $$;
CREATE FUNCTION kalkan_institution() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('kalkan.institution', true), '')::bigint $$;
CREATE FUNCTION kalkan_province() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('kalkan.province', true), '') $$;
CREATE FUNCTION kalkan_may(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(position(',' || permission || ',' IN current_setting('kalkan.permissions', true)) > 0, false) $$;
CREATE FUNCTION kalkan_works_on(VARIADIC tasks text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('kalkan.task', true) = ANY (tasks || 'command'::text), false) $$;

-- Only an owner can have the planner look at a table that just grew.
CREATE FUNCTION kalkan_refresh_estimates(tables regclass[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    grown regclass;
BEGIN
    FOREACH grown IN ARRAY tables LOOP
        EXECUTE format('ANALYZE %s', grown);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION kalkan_refresh_estimates(regclass[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kalkan_refresh_estimates(regclass[]) TO kalkan_app;
"""

BACKWARD = """
DROP FUNCTION kalkan_refresh_estimates(regclass[]);
DROP FUNCTION kalkan_works_on(text[]);
DROP FUNCTION kalkan_may(text);
DROP FUNCTION kalkan_province();
DROP FUNCTION kalkan_institution();
DROP FUNCTION kalkan_user();
DROP FUNCTION kalkan_reach();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunSQL(MAKE_ROLE, migrations.RunSQL.noop), migrations.RunSQL(FORWARD, BACKWARD)]
