"""Whose needs exist for whom, held by the database too; and that a need is of the person of its case."""

from django.db import migrations

FORWARD = """
ALTER TABLE assistance_pathway ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_pathway FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('handing_on', 'gate', 'oversight', 'figures', 'erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND (
        (SELECT kalkan_reach()) = 'nation'
        OR institution_id = (SELECT kalkan_institution())
        OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    )
);
CREATE POLICY opening ON assistance_pathway FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_may('assistance:pathway:work')) AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
-- Whoever hands a need over need not see the case, and does not see it at its new place.
CREATE POLICY changing ON assistance_pathway FOR UPDATE TO kalkan_app USING (
    (SELECT kalkan_may('assistance:pathway:work')) AND (
        institution_id = (SELECT kalkan_institution())
        OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    )
) WITH CHECK (
    (SELECT kalkan_may('assistance:pathway:work')) AND (
        (SELECT kalkan_works_on('handing_on'))
        OR institution_id = (SELECT kalkan_institution())
        OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    )
);
REVOKE DELETE ON assistance_pathway FROM kalkan_app;

ALTER TABLE assistance_pathwaystep ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_pathwaystep FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('handing_on', 'oversight', 'figures', 'erasure'))
    OR EXISTS (SELECT 1 FROM assistance_pathway p WHERE p.id = pathway_id)
);
CREATE POLICY adding ON assistance_pathwaystep FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_may('assistance:pathway:work'))
    AND EXISTS (SELECT 1 FROM assistance_pathway p WHERE p.id = pathway_id)
);
REVOKE UPDATE, DELETE ON assistance_pathwaystep FROM kalkan_app;

-- The promise goes with the need.
CREATE POLICY handing_on ON assistance_promise FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('handing_on')) AND kind = 'pathway_step'
);

CREATE FUNCTION assistance_pathway_is_of_the_person_of_its_case() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_case WHERE id = NEW.case_id AND person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'pathway_is_of_the_person_of_its_case' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pathway_is_of_the_person_of_its_case BEFORE INSERT OR UPDATE OF case_id, person_id ON assistance_pathway
    FOR EACH ROW EXECUTE FUNCTION assistance_pathway_is_of_the_person_of_its_case();
"""

BACKWARD = """
DROP TRIGGER pathway_is_of_the_person_of_its_case ON assistance_pathway;
DROP FUNCTION assistance_pathway_is_of_the_person_of_its_case();
DROP POLICY handing_on ON assistance_promise;
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0020_pathways"), ("cases", "0003_row_security")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
