"""The role that web server and worker run as. A role belongs to the server, not to a database: a backup lacks it."""

RUNTIME_ROLE = "kalkan_app"

# Safe to run again, and beside another that runs it.
MAKE_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'kalkan_app') THEN
        CREATE ROLE kalkan_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        -- The owner steps down to this role for every command; where it cannot, an administrator grants it once.
        EXECUTE format('GRANT kalkan_app TO %I', current_user);
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was faster
END $$;
"""
