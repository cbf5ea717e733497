"""Rules that a CHECK cannot reach because they look at another row.

Each refusal carries the name of its rule as the constraint's name, like a CHECK that fails.
"""

from typing import ClassVar

from django.db import migrations

REFUSE = """
CREATE FUNCTION cases_refuse(rule text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'new row violates rule "%"', rule USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;
"""

STAGE_CHANGES = """
CREATE FUNCTION cases_stage_change_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
    latest date;
BEGIN
    SELECT stage INTO stands FROM cases_case WHERE id = NEW.case_id FOR NO KEY UPDATE;
    IF stands IS DISTINCT FROM NEW.source THEN
        PERFORM cases_refuse('stage_change_starts_where_the_case_stands');
    END IF;
    SELECT max("on") INTO latest FROM cases_stagechange WHERE case_id = NEW.case_id;
    IF latest > NEW."on" THEN
        PERFORM cases_refuse('stage_changes_follow_in_time');
    END IF;
    IF NEW.move IN ('draft_decision', 'recognise', 'not_recognise', 'ask_more_facts') AND NOT EXISTS (
        SELECT 1 FROM cases_decision
        WHERE id = (SELECT max(id) FROM cases_decision WHERE case_id = NEW.case_id)
            AND CASE NEW.move
                WHEN 'draft_decision' THEN decided_by_id IS NULL AND drafted_by_id = NEW.by_id
                WHEN 'recognise' THEN outcome = 'recognised' AND decided_by_id = NEW.by_id
                WHEN 'not_recognise' THEN outcome = 'not_recognised' AND decided_by_id = NEW.by_id
                ELSE outcome = 'more_facts' AND decided_by_id = NEW.by_id
            END
    ) THEN
        PERFORM cases_refuse('decision_stands_behind_its_move');
    END IF;
    IF NEW.move = 'reconsider' AND cases_made_a_refusal(NEW.case_id, NEW.by_id) THEN
        PERFORM cases_refuse('refusal_is_reconsidered_by_other_officers');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stage_change_follows BEFORE INSERT ON cases_stagechange
    FOR EACH ROW WHEN (NEW.source <> '') EXECUTE FUNCTION cases_stage_change_follows();

CREATE FUNCTION cases_stage_changes_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_refuse('stage_changes_are_append_only');
    RETURN NULL;
END $$;
CREATE TRIGGER stage_changes_are_kept BEFORE UPDATE OR DELETE ON cases_stagechange
    FOR EACH ROW EXECUTE FUNCTION cases_stage_changes_are_kept();

-- Looked at when the transaction ends, because the two rows are written one after the other.
CREATE FUNCTION cases_stage_is_that_of_the_last_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject bigint;
    stands text;
    said text;
BEGIN
    IF TG_TABLE_NAME = 'cases_case' THEN subject := NEW.id; ELSE subject := NEW.case_id; END IF;
    SELECT stage INTO stands FROM cases_case WHERE id = subject;
    SELECT target INTO said FROM cases_stagechange WHERE case_id = subject ORDER BY id DESC LIMIT 1;
    IF FOUND AND stands IS NOT NULL AND said = stands THEN
        RETURN NULL;
    END IF;
    IF stands IS NOT NULL THEN
        PERFORM cases_refuse('case_stage_changes_only_by_a_move');
    END IF;
    RETURN NULL;
END $$;
-- A case taken over from an earlier record may come without its way; from then on it moves like every other.
CREATE CONSTRAINT TRIGGER case_begins_by_a_move AFTER INSERT ON cases_case DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NOT NEW.is_historic) EXECUTE FUNCTION cases_stage_is_that_of_the_last_change();
CREATE CONSTRAINT TRIGGER case_stage_changes_only_by_a_move AFTER UPDATE OF stage ON cases_case
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.stage IS DISTINCT FROM NEW.stage)
    EXECUTE FUNCTION cases_stage_is_that_of_the_last_change();
CREATE CONSTRAINT TRIGGER stage_change_moves_its_case AFTER INSERT ON cases_stagechange DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.source <> '') EXECUTE FUNCTION cases_stage_is_that_of_the_last_change();
"""

DECISIONS = """
CREATE FUNCTION cases_is_of_the_authority(officer bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM access_user u JOIN access_institution i ON i.id = u.institution_id
        WHERE u.id = officer AND i.kind IN ('migration_centre', 'migration_province')
    )
$$;

CREATE FUNCTION cases_made_a_refusal(subject bigint, officer bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM cases_decision
        WHERE case_id = subject AND outcome = 'not_recognised' AND officer IN (drafted_by_id, decided_by_id)
    )
$$;

CREATE FUNCTION cases_decision_is_drafted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    child boolean;
    refused bigint;
BEGIN
    SELECT is_child INTO child FROM cases_case WHERE id = NEW.case_id;
    SELECT max(id) INTO refused FROM cases_decision WHERE case_id = NEW.case_id AND outcome = 'not_recognised';
    IF NEW.decided_by_id IS NOT NULL OR NEW.decided_on IS NOT NULL OR NEW.outcome <> '' THEN
        PERFORM cases_refuse('decision_is_drafted_before_it_is_made');
    ELSIF NEW.is_child IS DISTINCT FROM child THEN
        PERFORM cases_refuse('decision_follows_the_rules_of_its_case');
    ELSIF NOT cases_is_of_the_authority(NEW.drafted_by_id) THEN
        PERFORM cases_refuse('only_the_migration_authority_identifies');
    ELSIF NEW.reconsiders_id IS DISTINCT FROM refused THEN
        PERFORM cases_refuse('draft_after_a_refusal_reconsiders_it');
    ELSIF cases_made_a_refusal(NEW.case_id, NEW.drafted_by_id) THEN
        PERFORM cases_refuse('refusal_is_reconsidered_by_other_officers');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_is_drafted BEFORE INSERT ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_decision_is_drafted();

CREATE FUNCTION cases_decision_is_made() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    child boolean;
BEGIN
    IF OLD.decided_by_id IS NOT NULL THEN
        PERFORM cases_refuse('made_decision_is_never_altered');
    ELSIF (to_jsonb(OLD) - '{outcome,reasons_id,decided_by_id,decided_on,version}'::text[])
        <> (to_jsonb(NEW) - '{outcome,reasons_id,decided_by_id,decided_on,version}'::text[]) THEN
        PERFORM cases_refuse('draft_is_not_rewritten');
    ELSIF NEW.decided_by_id IS NULL THEN
        PERFORM cases_refuse('outcome_has_its_officer');
    ELSIF NOT cases_is_of_the_authority(NEW.decided_by_id) THEN
        PERFORM cases_refuse('only_the_migration_authority_identifies');
    ELSIF EXISTS (
        SELECT 1 FROM cases_interview
        WHERE case_id = NEW.case_id AND kind = 'identification' AND by_id = NEW.decided_by_id
    ) THEN
        PERFORM cases_refuse('case_is_not_decided_by_its_interviewer');
    ELSIF cases_made_a_refusal(NEW.case_id, NEW.decided_by_id) THEN
        PERFORM cases_refuse('refusal_is_reconsidered_by_other_officers');
    END IF;
    SELECT is_child INTO child FROM cases_case WHERE id = NEW.case_id;
    IF NEW.outcome <> 'more_facts' AND NEW.is_child IS DISTINCT FROM child THEN
        PERFORM cases_refuse('decision_follows_the_rules_of_its_case');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_is_made BEFORE UPDATE ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_decision_is_made();

CREATE FUNCTION cases_decision_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_refuse('decision_is_never_deleted');
    RETURN NULL;
END $$;
CREATE TRIGGER decision_is_kept BEFORE DELETE ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_decision_is_kept();
"""

SCREENINGS = """
CREATE FUNCTION cases_screening_is_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    child boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.conclusion <> '' THEN
        PERFORM cases_refuse('concluded_screening_is_never_altered');
    END IF;
    SELECT is_child INTO child FROM cases_case WHERE id = NEW.case_id;
    IF child AND NEW.profile NOT LIKE 'child%' THEN
        PERFORM cases_refuse('child_is_screened_as_a_child');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER screening_is_guarded BEFORE INSERT OR UPDATE ON cases_screening
    FOR EACH ROW EXECUTE FUNCTION cases_screening_is_guarded();

CREATE FUNCTION cases_answer_is_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN subject := OLD.screening_id; ELSE subject := NEW.screening_id; END IF;
    IF EXISTS (SELECT 1 FROM cases_screening WHERE id = subject AND conclusion <> '') THEN
        PERFORM cases_refuse('concluded_screening_is_never_altered');
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER answer_is_guarded BEFORE INSERT OR UPDATE OR DELETE ON cases_answer
    FOR EACH ROW EXECUTE FUNCTION cases_answer_is_guarded();
"""

EPISODES = """
-- What other systems recorded is taken over as it is; Kalkan itself never asks.
CREATE FUNCTION cases_child_is_not_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cases_case WHERE id = NEW.case_id AND is_child AND NOT is_historic) THEN
        PERFORM cases_refuse('child_is_never_asked_for_means');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER child_is_not_asked BEFORE INSERT OR UPDATE OF means ON cases_episode
    FOR EACH ROW WHEN (cardinality(NEW.means) > 0) EXECUTE FUNCTION cases_child_is_not_asked();
"""

UNDO = """
DROP TRIGGER child_is_not_asked ON cases_episode;
DROP TRIGGER answer_is_guarded ON cases_answer;
DROP TRIGGER screening_is_guarded ON cases_screening;
DROP TRIGGER decision_is_kept ON cases_decision;
DROP TRIGGER decision_is_made ON cases_decision;
DROP TRIGGER decision_is_drafted ON cases_decision;
DROP TRIGGER stage_change_moves_its_case ON cases_stagechange;
DROP TRIGGER case_stage_changes_only_by_a_move ON cases_case;
DROP TRIGGER case_begins_by_a_move ON cases_case;
DROP TRIGGER stage_changes_are_kept ON cases_stagechange;
DROP TRIGGER stage_change_follows ON cases_stagechange;
DROP FUNCTION cases_child_is_not_asked, cases_answer_is_guarded, cases_screening_is_guarded, cases_decision_is_kept,
    cases_decision_is_made, cases_decision_is_drafted, cases_made_a_refusal, cases_is_of_the_authority,
    cases_stage_is_that_of_the_last_change, cases_stage_changes_are_kept, cases_stage_change_follows, cases_refuse;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0001_initial"), ("access", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(REFUSE + STAGE_CHANGES + DECISIONS + SCREENINGS + EPISODES, reverse_sql=UNDO)
    ]
