"""Who sees and keeps the directory, held by the database too; and that it never says where a shelter is."""

from django.db import migrations

FORWARD = """
ALTER TABLE assistance_service ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_service FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('command'))
    OR (SELECT kalkan_may('assistance:directory:view')) AND (
        is_active
        OR (SELECT kalkan_may('assistance:directory:manage')) AND (
            (SELECT kalkan_reach()) = 'nation' OR institution_id = (SELECT kalkan_institution())
        )
    )
);
CREATE POLICY adding ON assistance_service FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_works_on('command'))
    OR (SELECT kalkan_may('assistance:directory:manage')) AND (
        (SELECT kalkan_reach()) = 'nation' OR institution_id = (SELECT kalkan_institution())
    )
);
CREATE POLICY changing ON assistance_service FOR UPDATE TO kalkan_app USING (
    (SELECT kalkan_works_on('command'))
    OR (SELECT kalkan_may('assistance:directory:manage')) AND (
        (SELECT kalkan_reach()) = 'nation' OR institution_id = (SELECT kalkan_institution())
    )
);
-- What is no longer offered is marked so, and stays.
REVOKE DELETE ON assistance_service FROM kalkan_app;

CREATE FUNCTION assistance_service_of_a_shelter_tells_no_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM access_institution WHERE id = NEW.institution_id AND kind = 'shelter')
        AND (NEW.province_id IS NOT NULL OR concat(
            NEW.name_tr, NEW.name_en, NEW.description_tr, NEW.description_en, NEW.address, NEW.phone, NEW.email, NEW.web
        ) <> '')
    THEN
        RAISE EXCEPTION 'service_of_a_shelter_tells_no_place' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM access_institution WHERE id = NEW.institution_id AND kind = 'shelter')
        AND (NEW.name_tr = '' OR NEW.name_en = '')
    THEN
        RAISE EXCEPTION 'service_has_a_name' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER service_of_a_shelter_tells_no_place BEFORE INSERT OR UPDATE ON assistance_service
    FOR EACH ROW EXECUTE FUNCTION assistance_service_of_a_shelter_tells_no_place();
"""

BACKWARD = """
DROP TRIGGER service_of_a_shelter_tells_no_place ON assistance_service;
DROP FUNCTION assistance_service_of_a_shelter_tells_no_place();
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0010_directory")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
