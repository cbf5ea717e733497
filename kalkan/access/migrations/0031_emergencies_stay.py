"""An emergency stays as it was opened: what may be added is its end, once, and its review, once."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION emergency_stays_as_it_was_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.id, NEW.reference, NEW.user_id, NEW.person, NEW.named, NEW.ground, NEW.opened_at, NEW.ends_at, NEW.review_due_on)
            = (OLD.id, OLD.reference, OLD.user_id, OLD.person, OLD.named, OLD.ground, OLD.opened_at, OLD.ends_at, OLD.review_due_on)
        AND NEW."case" IS NOT DISTINCT FROM OLD."case"
        AND (OLD.ended_at IS NULL OR NEW.ended_at = OLD.ended_at)
        AND (OLD.reviewed_by_id IS NULL
            OR (NEW.reviewed_by_id, NEW.reviewed_at, NEW.verdict, NEW.finding)
                = (OLD.reviewed_by_id, OLD.reviewed_at, OLD.verdict, OLD.finding))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an emergency stays as it was opened: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER emergency_keeps_its_rows BEFORE UPDATE OR DELETE ON access_emergency
    FOR EACH ROW EXECUTE FUNCTION emergency_stays_as_it_was_opened();
CREATE TRIGGER emergency_keeps_its_table BEFORE TRUNCATE ON access_emergency
    FOR EACH STATEMENT EXECUTE FUNCTION emergency_stays_as_it_was_opened();
ALTER TABLE access_emergency ENABLE ALWAYS TRIGGER emergency_keeps_its_rows;
ALTER TABLE access_emergency ENABLE ALWAYS TRIGGER emergency_keeps_its_table;
"""
BACKWARD = """
DROP TRIGGER emergency_keeps_its_table ON access_emergency;
DROP TRIGGER emergency_keeps_its_rows ON access_emergency;
DROP FUNCTION emergency_stays_as_it_was_opened();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0030_emergencies")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
