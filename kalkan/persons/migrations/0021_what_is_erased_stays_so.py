"""A proof of erasure is never altered; a retired key is never used again, not even by a process that still holds it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION persons_erasure_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.carried_out_at IS NOT NULL THEN
        RAISE EXCEPTION 'proof_of_erasure_is_never_altered' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER proof_of_erasure_is_kept BEFORE UPDATE OR DELETE ON persons_erasure
    FOR EACH ROW EXECUTE FUNCTION persons_erasure_is_kept();

CREATE FUNCTION persons_key_is_not_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM persons_keyfingerprint
        WHERE retired_at IS NOT NULL AND (
            (NEW.wrapped_key IS NOT NULL AND name = 'vault-' || NEW.key_version || '.key')
            OR (NEW.blind_keys <> '{}'
                AND name = CASE NEW.blind_version WHEN 1 THEN 'blind.key' ELSE 'blind-' || NEW.blind_version || '.key' END)
        )
    ) THEN
        RAISE EXCEPTION 'key_is_retired' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER key_in_use_is_not_retired BEFORE INSERT OR UPDATE OF wrapped_key, key_version, blind_keys, blind_version
    ON persons_person FOR EACH ROW WHEN (NEW.key_version IS NOT NULL OR NEW.blind_keys <> '{}')
    EXECUTE FUNCTION persons_key_is_not_retired();

CREATE FUNCTION persons_erased_stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'erased_person_does_not_come_back' USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER erased_stays_erased BEFORE UPDATE OF erased_at ON persons_person
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL AND NEW.erased_at IS DISTINCT FROM OLD.erased_at)
    EXECUTE FUNCTION persons_erased_stays_erased();
"""
BACKWARD = """
DROP TRIGGER erased_stays_erased ON persons_person;
DROP TRIGGER key_in_use_is_not_retired ON persons_person;
DROP TRIGGER proof_of_erasure_is_kept ON persons_erasure;
DROP FUNCTION persons_erased_stays_erased, persons_key_is_not_retired, persons_erasure_is_kept;
"""


class Migration(migrations.Migration):
    dependencies = [("persons", "0020_erasure_and_rotation")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
