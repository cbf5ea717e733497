"""Whose travel documents and official documents exist for whom, and what must be true of them, held by the database.

A document expert sees the rows that were sent to the own unit and neither person nor case. To seal the note under the
person's key and to keep the promise, the finding works for a moment as the task `receiving`: then, and only then, the
person, the case and the promise of a document that waits with the own unit exist for the expert.
"""

from django.db import migrations

RULES = """
ALTER TABLE assistance_papercheck ADD CONSTRAINT document_with_a_wrong_field_is_in_doubt CHECK (
    verdict = 'doubt' OR NOT jsonb_path_exists(
        result, '$.* ? (@ == "wrong_digit" || @ == "wrong_sign" || @ == "no_such_day" || @ == "unknown_issuer")'
    )
);

-- A text or a file of one person in the case of another would show it to the wrong people.
CREATE FUNCTION assistance_is_of_the_person(a_case bigint, a_text bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT a_text IS NULL OR EXISTS (
        SELECT 1 FROM cases_case c JOIN persons_sealedtext t ON t.person_id = c.person_id
        WHERE c.id = a_case AND t.id = a_text
    )
$$;
CREATE FUNCTION assistance_paper_is_sound() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT assistance_is_of_the_person(NEW.case_id, NEW.zone_id)
       OR NOT assistance_is_of_the_person(NEW.case_id, NEW.note_id) THEN
        PERFORM cases_refuse('text_of_a_document_is_of_the_person_of_the_case');
    END IF;
    IF NEW.sent_to_id IS NOT NULL
       AND (SELECT kind FROM access_institution WHERE id = NEW.sent_to_id) IS DISTINCT FROM 'police' THEN
        PERFORM cases_refuse('document_is_examined_by_the_police');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.found_at IS NOT NULL THEN
            PERFORM cases_refuse('finding_is_made_once');
        END IF;
        -- What was checked stays as it was checked; the expert adds the finding.
        IF (NEW.reference, NEW.case_id, NEW.kind, NEW.country, NEW.status, NEW.zone_id, NEW.result, NEW.alterations,
            NEW.verdict, NEW.checked_by_id, NEW.checked_at, NEW.sent_to_id)
           IS DISTINCT FROM
           (OLD.reference, OLD.case_id, OLD.kind, OLD.country, OLD.status, OLD.zone_id, OLD.result, OLD.alterations,
            OLD.verdict, OLD.checked_by_id, OLD.checked_at, OLD.sent_to_id) THEN
            PERFORM cases_refuse('checked_document_stays_as_it_was');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER document_check_is_sound BEFORE INSERT OR UPDATE ON assistance_papercheck
    FOR EACH ROW EXECUTE FUNCTION assistance_paper_is_sound();

CREATE FUNCTION assistance_document_is_of_the_case() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF (SELECT person_id FROM cases_case WHERE id = NEW.case_id)
       IS DISTINCT FROM (SELECT person_id FROM persons_attachment WHERE id = NEW.attachment_id) THEN
        PERFORM cases_refuse('official_document_is_of_the_person_of_the_case');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER official_document_is_of_the_case BEFORE INSERT ON assistance_officialdocument
    FOR EACH ROW EXECUTE FUNCTION assistance_document_is_of_the_case();
"""

ROWS = """
ALTER TABLE assistance_papercheck ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_papercheck FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    OR (SELECT kalkan_may('assistance:paper:examine')) AND sent_to_id = (SELECT kalkan_institution())
);
CREATE POLICY checking ON assistance_papercheck FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_may('assistance:paper:check')) AND checked_by_id = (SELECT kalkan_user())
    AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
CREATE POLICY examining ON assistance_papercheck FOR UPDATE TO kalkan_app USING (
    (SELECT kalkan_may('assistance:paper:examine')) AND sent_to_id = (SELECT kalkan_institution())
);
CREATE POLICY not_in_an_emergency_insert ON assistance_papercheck AS RESTRICTIVE FOR INSERT TO kalkan_app WITH CHECK (
    NOT EXISTS (
        SELECT 1 FROM cases_case c WHERE c.id = case_id AND c.reference = ANY ((SELECT kalkan_opened_cases())::uuid[])
    )
);
REVOKE DELETE ON assistance_papercheck FROM kalkan_app;

ALTER TABLE assistance_officialdocument ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_officialdocument FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
CREATE POLICY making ON assistance_officialdocument FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_may('assistance:document:make')) AND made_by_id = (SELECT kalkan_user())
    AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
CREATE POLICY not_in_an_emergency_insert ON assistance_officialdocument AS RESTRICTIVE FOR INSERT TO kalkan_app
WITH CHECK (
    NOT EXISTS (
        SELECT 1 FROM cases_case c WHERE c.id = case_id AND c.reference = ANY ((SELECT kalkan_opened_cases())::uuid[])
    )
);
REVOKE UPDATE, DELETE ON assistance_officialdocument FROM kalkan_app;
"""

EXAMINING = """
-- Whether a document of this case waits for a finding of the own unit. Asked past the policies of cases and persons.
CREATE FUNCTION assistance_examines_case(a_case bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT kalkan_may('assistance:paper:examine') AND kalkan_works_on('receiving') AND EXISTS (
        SELECT 1 FROM assistance_papercheck p
        WHERE p.case_id = a_case AND p.sent_to_id = kalkan_institution() AND p.found_at IS NULL
    )
$$;
CREATE FUNCTION assistance_examines_person(a_person bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM cases_case c WHERE c.person_id = a_person AND assistance_examines_case(c.id))
$$;
REVOKE EXECUTE ON FUNCTION assistance_examines_case(bigint), assistance_examines_person(bigint),
    assistance_is_of_the_person(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assistance_examines_case(bigint), assistance_examines_person(bigint) TO kalkan_app;

CREATE POLICY examining ON cases_case FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('receiving')) AND (SELECT kalkan_may('assistance:paper:examine'))
    AND assistance_examines_case(id)
);
CREATE POLICY examining ON persons_person FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('receiving')) AND (SELECT kalkan_may('assistance:paper:examine'))
    AND assistance_examines_person(id)
);
CREATE POLICY examining_key ON persons_person FOR UPDATE TO kalkan_app USING (
    (SELECT kalkan_works_on('receiving')) AND (SELECT kalkan_may('assistance:paper:examine'))
    AND assistance_examines_person(id)
);
CREATE POLICY examining ON persons_sealedtext FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('receiving')) AND (SELECT kalkan_may('assistance:paper:examine'))
    AND written_by_id = (SELECT kalkan_user()) AND assistance_examines_person(person_id)
);
CREATE POLICY examining_note ON persons_sealedtext FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_works_on('receiving')) AND (SELECT kalkan_may('assistance:paper:examine'))
    AND written_by_id = (SELECT kalkan_user()) AND assistance_examines_person(person_id)
);
CREATE POLICY examining ON assistance_promise FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('receiving')) AND (SELECT kalkan_may('assistance:paper:examine'))
    AND kind = 'paper_examination' AND institution_id = (SELECT kalkan_institution())
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0070_papers_and_documents"),
        ("access", "0032_emergency_row_security"),
        ("cases", "0040_case_attachment"),
        ("persons", "0040_attachment"),
    ]
    operations = [
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
        migrations.RunSQL(EXAMINING, migrations.RunSQL.noop),
    ]
