"""Whose persons exist for whom, held by the database too: the second wall behind `persons.policy`.

A person exists for those whose institution or province holds them. What tells who it is (names, papers, contacts,
texts) asks for the permission to reveal besides. Nobody can hold a person whom they do not see already.
"""

from django.db import migrations

KEYS = """
-- The index over blind keys cannot serve a condition that is asked together with a policy: `&&` is not leakproof.
-- So the keys are met here, past the policy, and every row found is then seen through it. Keys are digests under a
-- secret outside the database: who has only the database can ask for none.
-- `wanted` lists ways; a way lists sets of keys, of each of which a person must hold one.
CREATE FUNCTION persons_meeting(wanted jsonb) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, public AS $$
DECLARE
    condition text;
BEGIN
    SELECT string_agg('(' || (
        SELECT string_agg(format('blind_keys && %L::bigint[]', translate(keys::text, '[]', '{}')), ' AND ')
        FROM jsonb_array_elements(way) keys
    ) || ')', ' OR ') INTO condition FROM jsonb_array_elements(wanted) way;
    IF condition IS NOT NULL THEN
        RETURN QUERY EXECUTE 'SELECT id FROM persons_person WHERE ' || condition;
    END IF;
END $$;
-- Whoever records a person sees the row until somebody holds the person: a moment of one transaction.
CREATE FUNCTION persons_is_held(person bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS
    $$ SELECT EXISTS (SELECT 1 FROM persons_holding h WHERE h.person_id = person) $$;
REVOKE EXECUTE ON FUNCTION persons_meeting(jsonb), persons_is_held(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION persons_meeting(jsonb), persons_is_held(bigint) TO kalkan_app;
"""

VISIBLE = """
    (SELECT kalkan_works_on('matching', 'figures', 'import', 'erasure'))
    OR (SELECT kalkan_may('persons:person:view')) AND (
        (SELECT kalkan_reach()) = 'nation'
        OR EXISTS (SELECT 1 FROM persons_holding h WHERE h.person_id = persons_person.id)
        OR recorded_by_id = (SELECT kalkan_user()) AND NOT persons_is_held(id)
    )
"""

PERSONS = f"""
ALTER TABLE persons_person ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_person FOR SELECT TO kalkan_app USING ({VISIBLE});
CREATE POLICY changing ON persons_person FOR UPDATE TO kalkan_app USING ({VISIBLE});
CREATE POLICY adding ON persons_person FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_works_on('import')) OR recorded_by_id = (SELECT kalkan_user())
);
CREATE POLICY erasing ON persons_person FOR DELETE TO kalkan_app USING ((SELECT kalkan_works_on('erasure')));

-- A function, because a policy cannot ask a table whose own policy asks back.
CREATE FUNCTION persons_is_visible(person bigint) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person) $$;
ALTER TABLE persons_holding ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_holding FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('matching', 'handing_on', 'figures', 'import', 'erasure'))
    OR (SELECT kalkan_reach()) = 'nation'
    OR institution_id = (SELECT kalkan_institution())
    OR province_id = (SELECT kalkan_province())
);
CREATE POLICY adding ON persons_holding FOR INSERT TO kalkan_app WITH CHECK (persons_is_visible(person_id));
CREATE POLICY erasing ON persons_holding FOR DELETE TO kalkan_app USING ((SELECT kalkan_works_on('erasure')));
"""

SEALED = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON {table} FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('matching', 'import', 'erasure'))
    OR (SELECT kalkan_may('persons:identity:reveal'))
        AND EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person_id)
);
"""
SEALED_TABLES = ["persons_personname", "persons_identitydocument", "persons_contactpoint", "persons_sealedtext"]

OTHERS = """
ALTER TABLE persons_consent ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_consent FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('persons:person:view'))
        AND EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person_id)
);

ALTER TABLE persons_possiblesame ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_possiblesame FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('matching', 'figures', 'erasure'))
    OR (SELECT kalkan_reach()) = 'nation' AND (SELECT kalkan_may('persons:match:judge'))
    OR EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person_id)
        AND EXISTS (SELECT 1 FROM persons_person p WHERE p.id = other_id)
);
CREATE POLICY finding ON persons_possiblesame FOR INSERT TO kalkan_app WITH CHECK (
    (SELECT kalkan_works_on('matching'))
);
CREATE POLICY judging ON persons_possiblesame FOR UPDATE TO kalkan_app USING (
    (SELECT kalkan_reach()) = 'nation' AND (SELECT kalkan_may('persons:match:judge')) OR (SELECT kalkan_works_on('erasure'))
);
CREATE POLICY erasing ON persons_possiblesame FOR DELETE TO kalkan_app USING ((SELECT kalkan_works_on('erasure')));
"""


class Migration(migrations.Migration):
    dependencies = [("persons", "0001_initial"), ("access", "0002_runtime_role")]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(PERSONS, migrations.RunSQL.noop),
        *(migrations.RunSQL(SEALED.format(table=table), migrations.RunSQL.noop) for table in SEALED_TABLES),
        migrations.RunSQL(OTHERS, migrations.RunSQL.noop),
    ]
