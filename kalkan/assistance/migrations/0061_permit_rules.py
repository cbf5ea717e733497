"""What no permit and no return may break, looked at by the database where a CHECK cannot reach another row.

The arithmetic is that of `lifecycle.permits`: a period runs from the day of its beginning, which is not counted, to its
last day. Each refusal carries the name of its rule as the constraint's name.
"""

from django.db import migrations

PERMITS = """
-- The last day on which a permit holds: a cancelled one ends early, but never before it began.
CREATE FUNCTION assistance_permit_until(starts_on date, ends_on date, cancelled_on date) RETURNS date
    LANGUAGE sql IMMUTABLE AS $$ SELECT greatest(starts_on, least(ends_on, coalesce(cancelled_on, ends_on))) $$;

-- Two permits of one person never hold on the same day. A range of one number needs no extension beside dates.
ALTER TABLE assistance_permit ADD CONSTRAINT permits_of_a_person_do_not_overlap EXCLUDE USING gist (
    int8range(person_id, person_id, '[]') WITH &&,
    daterange(starts_on, assistance_permit_until(starts_on, ends_on, cancelled_on), '[)') WITH &&
) WHERE (state IN ('granted', 'cancelled'));

-- The last day of a provision's term that begins on a day. A term of working days is none for a permit.
CREATE FUNCTION assistance_term(rule bigint, begins date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    found vocabulary_provision;
BEGIN
    SELECT * INTO found FROM vocabulary_provision WHERE id = rule;
    IF found.amount IS NULL OR found.unit NOT IN ('days', 'months', 'years') THEN
        PERFORM cases_refuse('permit_is_counted_in_days_months_or_years');
    END IF;
    RETURN (begins + (found.amount || ' ' || found.unit)::interval)::date;
END $$;

CREATE FUNCTION assistance_provision_holds(rule bigint, wanted text, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM vocabulary_provision
        WHERE id = rule AND code = wanted AND valid_from <= day AND (valid_to IS NULL OR day < valid_to)
    )
$$;

CREATE FUNCTION assistance_permit_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holder bigint;
    stands text;
    last assistance_permit;
    used integer;
    began date;
    kept text[] := '{state,decided_on,decided_by_id,reasons_id,number_id,version}';
    ended text[] := '{state,cancelled_on,cancelled_by_id,cancel_ground,cancel_provision_id,was_forced,version}';
BEGIN
    SELECT person_id, stage INTO holder, stands FROM cases_case WHERE id = NEW.case_id;
    IF holder IS DISTINCT FROM NEW.person_id THEN
        PERFORM cases_refuse('permit_is_of_the_person_of_its_case');
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' THEN
            PERFORM cases_refuse('permit_is_asked_for_before_it_is_decided');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'requested' AND (to_jsonb(OLD) - kept) <> (to_jsonb(NEW) - kept) THEN
        PERFORM cases_refuse('requested_permit_is_not_rewritten');
    ELSIF OLD.state = 'granted' AND (to_jsonb(OLD) - ended) <> (to_jsonb(NEW) - ended) THEN
        PERFORM cases_refuse('decided_permit_is_never_altered');
    ELSIF OLD.state IN ('refused', 'cancelled') AND to_jsonb(OLD) <> to_jsonb(NEW) THEN
        PERFORM cases_refuse('ended_permit_is_never_altered');
    ELSIF OLD.state <> NEW.state
        AND (OLD.state, NEW.state) NOT IN (('requested', 'granted'), ('requested', 'refused'), ('granted', 'cancelled'))
    THEN
        PERFORM cases_refuse('permit_goes_the_way_of_its_table');
    END IF;
    IF OLD.state = NEW.state OR NEW.state <> 'granted' THEN
        RETURN NEW;
    END IF;

    -- One at a time for each person, so that two grants cannot both be the last that fits.
    PERFORM 1 FROM persons_person WHERE id = NEW.person_id FOR NO KEY UPDATE;
    IF stands NOT IN ('recognised', 'protection') THEN
        PERFORM cases_refuse('permit_rests_on_the_recognition');
    END IF;
    IF EXISTS (SELECT 1 FROM persons_person WHERE id = NEW.person_id AND 'TR' = ANY (citizenships)) THEN
        PERFORM cases_refuse('citizen_needs_no_permit');
    END IF;
    SELECT * INTO last FROM assistance_permit
    WHERE person_id = NEW.person_id AND id <> NEW.id AND state IN ('granted', 'cancelled')
        AND assistance_permit_until(starts_on, ends_on, cancelled_on) > starts_on  -- not one cancelled before it began
    ORDER BY starts_on DESC LIMIT 1;
    IF assistance_permit_until(last.starts_on, last.ends_on, last.cancelled_on) > NEW.starts_on THEN
        PERFORM cases_refuse('permit_begins_after_those_before_it');
    END IF;
    IF NEW.kind = 'extension'
        AND (last.id IS NULL OR last.cancelled_on IS NOT NULL OR last.ends_on <> NEW.starts_on) THEN
        PERFORM cases_refuse('extension_begins_when_the_last_permit_ends');
    END IF;
    IF NOT assistance_provision_holds(NEW.provision_id, 'permit_' || NEW.kind, NEW.starts_on) THEN
        PERFORM cases_refuse('permit_cites_the_rule_of_its_first_day');
    END IF;
    IF NEW.ends_on > assistance_term(NEW.provision_id, NEW.starts_on) THEN
        PERFORM cases_refuse('permit_is_not_longer_than_its_term');
    END IF;
    SELECT coalesce(sum(assistance_permit_until(starts_on, ends_on, cancelled_on) - starts_on), 0),
        least(min(starts_on), NEW.starts_on) INTO used, began
    FROM assistance_permit
    WHERE person_id = NEW.person_id AND id <> NEW.id AND state IN ('granted', 'cancelled');
    IF NOT assistance_provision_holds(NEW.total_provision_id, 'permit_total', began) THEN
        PERFORM cases_refuse('permit_cites_the_maximum_of_the_persons_first_day');
    END IF;
    IF NEW.ends_on > assistance_term(NEW.total_provision_id, NEW.starts_on - used) THEN
        PERFORM cases_refuse('permits_of_a_person_keep_to_the_maximum');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER permit_is_lawful BEFORE INSERT OR UPDATE ON assistance_permit
    FOR EACH ROW EXECUTE FUNCTION assistance_permit_is_lawful();
"""

RETURNS = """
CREATE FUNCTION assistance_return_goes_its_way() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
BEGIN
    SELECT stage INTO stands FROM cases_case WHERE id = NEW.case_id;
    IF TG_OP = 'INSERT' OR OLD.stage <> NEW.stage THEN
        IF NEW.stage IN ('offered', 'risk_assessed', 'decided', 'approved')
            AND stands NOT IN ('recognised', 'protection') THEN
            PERFORM cases_refuse('return_is_planned_for_recognised_victims');
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.stage <> NEW.stage AND (OLD.stage, NEW.stage) NOT IN (
        ('offered', 'declined'), ('risk_assessed', 'declined'), ('offered', 'risk_assessed'),
        ('risk_assessed', 'decided'), ('decided', 'approved'), ('approved', 'departed'),
        ('departed', 'followed_up'), ('followed_up', 'completed'),
        ('offered', 'withdrawn'), ('risk_assessed', 'withdrawn'), ('decided', 'withdrawn'), ('approved', 'withdrawn')
    ) THEN
        PERFORM cases_refuse('return_goes_the_way_of_its_table');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER return_goes_its_way BEFORE INSERT OR UPDATE ON assistance_returnplan
    FOR EACH ROW EXECUTE FUNCTION assistance_return_goes_its_way();

CREATE FUNCTION assistance_follow_up_comes_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.held_on < coalesce((SELECT departed_on FROM assistance_returnplan WHERE id = NEW.plan_id), 'infinity') THEN
        PERFORM cases_refuse('follow_up_comes_after_the_departure');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER follow_up_comes_after BEFORE INSERT OR UPDATE ON assistance_returnfollowup
    FOR EACH ROW EXECUTE FUNCTION assistance_follow_up_comes_after();
"""

# The rules look at rows that whoever acts need not see.
DEFINER = """
ALTER FUNCTION assistance_permit_is_lawful() SECURITY DEFINER SET search_path = pg_catalog, public;
ALTER FUNCTION assistance_return_goes_its_way() SECURITY DEFINER SET search_path = pg_catalog, public;
ALTER FUNCTION assistance_follow_up_comes_after() SECURITY DEFINER SET search_path = pg_catalog, public;
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0060_permits_returns_gate"), ("cases", "0002_rules")]
    operations = [migrations.RunSQL(part, migrations.RunSQL.noop) for part in (PERMITS, RETURNS, DEFINER)]
