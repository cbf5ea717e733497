"""A person opened in an emergency can be read, never changed and never held, held by the database too."""

from django.db import migrations

FORWARD = """
CREATE POLICY emergency ON persons_person FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_may('persons:person:view')) AND reference = ANY ((SELECT kalkan_opened_persons())::uuid[])
);
-- A function, because a policy cannot ask a table whose own policy asks back.
CREATE FUNCTION persons_is_opened(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person AND p.reference = ANY (kalkan_opened_persons()))
$$;
CREATE POLICY checking ON persons_person FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('checking', 'emergency'))
);
"""
# Whoever sees a person could hold the person, and with that would see them for ever.
CLOSED = """
CREATE POLICY not_in_an_emergency_{act} ON {table} AS RESTRICTIVE FOR {act} TO kalkan_app {clause} (
    NOT persons_is_opened(person_id)
);
"""
TABLES = [
    *("persons_holding", "persons_personname", "persons_identitydocument", "persons_contactpoint"),
    *("persons_sealedtext", "persons_consent"),
]
ACTS = [("INSERT", "WITH CHECK"), ("UPDATE", "USING"), ("DELETE", "USING")]


class Migration(migrations.Migration):
    dependencies = [("persons", "0022_row_security"), ("access", "0032_emergency_row_security")]
    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(CLOSED.format(table=table, act=act, clause=clause), migrations.RunSQL.noop)
            for table in TABLES
            for act, clause in ACTS
        ),
    ]
