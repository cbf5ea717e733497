"""What may never happen in a shelter, and whose rows exist for whom.

Without any extension: a number becomes a range of itself, so that GiST can compare it with `&&`.
"""

from django.db import migrations

RULES = """
ALTER TABLE assistance_beduse
    ADD CONSTRAINT bed_is_given_once EXCLUDE USING gist (
        int8range(bed_id, bed_id, '[]') WITH &&, daterange(first_on, until_on, '[)') WITH &&
    ),
    ADD CONSTRAINT person_is_in_one_bed EXCLUDE USING gist (
        int8range(person_id, person_id, '[]') WITH &&, daterange(first_on, until_on, '[)') WITH &&
    );
ALTER TABLE assistance_bedclosure
    ADD CONSTRAINT bed_is_closed_once EXCLUDE USING gist (
        int8range(bed_id, bed_id, '[]') WITH &&, daterange(first_on, until_on, '[)') WITH &&
    );

-- Both lock the bed, so that of two officers the second sees what the first did.
CREATE FUNCTION assistance_bed_use_is_possible() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM 1 FROM assistance_bed b WHERE b.id = NEW.bed_id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM assistance_bedclosure k
        WHERE k.bed_id = NEW.bed_id
            AND daterange(k.first_on, k.until_on, '[)') && daterange(NEW.first_on, NEW.until_on, '[)')
    ) OR EXISTS (
        SELECT 1 FROM assistance_bed b
        WHERE b.id = NEW.bed_id AND daterange(b.retired_on, NULL, '[)') && daterange(NEW.first_on, NEW.until_on, '[)')
            AND b.retired_on IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'bed % is out of service', NEW.bed_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_in_use_is_in_service';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM assistance_stay s JOIN assistance_bed b ON b.shelter_id = s.shelter_id
            JOIN cases_case c ON c.id = s.case_id
        WHERE s.id = NEW.stay_id AND b.id = NEW.bed_id AND c.person_id = NEW.person_id
    ) THEN
        RAISE EXCEPTION 'bed % is not one of the shelter of stay %', NEW.bed_id, NEW.stay_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_use_is_of_the_house_and_person_of_its_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bed_use_is_possible BEFORE INSERT OR UPDATE ON assistance_beduse
    FOR EACH ROW EXECUTE FUNCTION assistance_bed_use_is_possible();

CREATE FUNCTION assistance_bed_can_be_closed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM 1 FROM assistance_bed b WHERE b.id = NEW.bed_id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM assistance_beduse u
        WHERE u.bed_id = NEW.bed_id
            AND daterange(u.first_on, u.until_on, '[)') && daterange(NEW.first_on, NEW.until_on, '[)')
    ) THEN
        RAISE EXCEPTION 'somebody sleeps in bed %', NEW.bed_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_in_use_is_not_closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bed_can_be_closed BEFORE INSERT OR UPDATE ON assistance_bedclosure
    FOR EACH ROW EXECUTE FUNCTION assistance_bed_can_be_closed();

-- The same table as `assistance.lifecycle.shelters.MOVES`.
CREATE FUNCTION assistance_stay_moves_by_the_table() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('requested', 'waiting'), ('requested', 'admitted'), ('requested', 'declined'), ('requested', 'withdrawn'),
        ('waiting', 'admitted'), ('waiting', 'declined'), ('waiting', 'withdrawn'), ('admitted', 'left')
    ) OR (OLD.case_id, OLD.shelter_id) <> (NEW.case_id, NEW.shelter_id) THEN
        RAISE EXCEPTION 'stay % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stay_moves_by_the_table';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stay_moves_by_the_table BEFORE UPDATE ON assistance_stay
    FOR EACH ROW EXECUTE FUNCTION assistance_stay_moves_by_the_table();

CREATE FUNCTION assistance_census_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a census that was taken stands' USING ERRCODE = 'check_violation',
        CONSTRAINT = 'census_stands';
END $$;
CREATE TRIGGER census_stands BEFORE UPDATE OR DELETE ON assistance_censusrow
    FOR EACH ROW EXECUTE FUNCTION assistance_census_stands();
CREATE TRIGGER census_stands BEFORE UPDATE OR DELETE ON assistance_censusday
    FOR EACH ROW EXECUTE FUNCTION assistance_census_stands();
REVOKE UPDATE, DELETE ON assistance_censusrow, assistance_censusday FROM kalkan_app;
"""

ROWS = """
ALTER TABLE assistance_shelter ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_shelter FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock', 'handing_on'))
    OR (SELECT kalkan_may('assistance:occupancy:view'))
);
CREATE POLICY keeping ON assistance_shelter FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('command'))
    OR (SELECT kalkan_may('assistance:stay:manage')) AND institution_id = (SELECT kalkan_institution())
);
CREATE FUNCTION assistance_own_shelter() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT s.id FROM assistance_shelter s
    WHERE s.institution_id = kalkan_institution() AND kalkan_may('assistance:stay:manage')
$$;

ALTER TABLE assistance_bed ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_bed FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock', 'handing_on'))
    OR shelter_id = (SELECT assistance_own_shelter())
);
ALTER TABLE assistance_shift ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_shift FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight')) OR shelter_id = (SELECT assistance_own_shelter())
);
ALTER TABLE assistance_stay ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_stay FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock', 'erasure', 'handing_on'))
    OR shelter_id = (SELECT assistance_own_shelter())
    OR (SELECT kalkan_may('assistance:stay:request')) AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
ALTER TABLE assistance_bedclosure ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_bedclosure FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock'))
    OR EXISTS (SELECT 1 FROM assistance_bed b WHERE b.id = bed_id)
);
ALTER TABLE assistance_beduse ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_beduse FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock', 'erasure', 'handing_on'))
    OR EXISTS (SELECT 1 FROM assistance_bed b WHERE b.id = bed_id)
);
ALTER TABLE assistance_absence ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_absence FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock', 'erasure', 'handing_on'))
    OR EXISTS (SELECT 1 FROM assistance_stay s WHERE s.id = stay_id)
);
ALTER TABLE assistance_incident ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_incident FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'erasure'))
    OR shelter_id = (SELECT assistance_own_shelter())
    OR EXISTS (SELECT 1 FROM assistance_stay s WHERE s.id = stay_id)
);
ALTER TABLE assistance_censusday ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_censusday FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock', 'erasure'))
    OR (SELECT kalkan_may('assistance:occupancy:view'))
);
CREATE POLICY taking ON assistance_censusday FOR INSERT TO kalkan_app WITH CHECK ((SELECT kalkan_works_on('clock')));
ALTER TABLE assistance_censusrow ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_censusrow FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('oversight', 'figures', 'clock', 'erasure'))
    OR shelter_id = (SELECT assistance_own_shelter())
);
CREATE POLICY taking ON assistance_censusrow FOR INSERT TO kalkan_app WITH CHECK ((SELECT kalkan_works_on('clock')));
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0050_shelters"), ("cases", "0030_emergency_row_security")]
    operations = [
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
    ]
