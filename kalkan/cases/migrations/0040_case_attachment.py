import django.db.models.deletion
from django.db import migrations, models

# A file about one person in the case of another would show it to the wrong people.
RULE = """
CREATE FUNCTION cases_attachment_is_of_the_case() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF (SELECT person_id FROM cases_case WHERE id = NEW.case_id)
       IS DISTINCT FROM (SELECT person_id FROM persons_attachment WHERE id = NEW.attachment_id) THEN
        PERFORM cases_refuse('attachment_is_of_the_person_of_the_case');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attachment_is_of_the_person_of_the_case BEFORE INSERT OR UPDATE ON cases_caseattachment
    FOR EACH ROW EXECUTE FUNCTION cases_attachment_is_of_the_case();

ALTER TABLE cases_caseattachment ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON cases_caseattachment FOR SELECT TO kalkan_app USING (
    EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
CREATE POLICY attaching ON cases_caseattachment FOR INSERT TO kalkan_app WITH CHECK (
    EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
REVOKE UPDATE, DELETE ON cases_caseattachment FROM kalkan_app;
"""
UNDO = """
DROP TRIGGER attachment_is_of_the_person_of_the_case ON cases_caseattachment;
DROP FUNCTION cases_attachment_is_of_the_case();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0030_emergency_row_security"), ("persons", "0040_attachment")]

    operations = [
        migrations.CreateModel(
            name="CaseAttachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="persons.attachment"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="cases.case"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(RULE, reverse_sql=UNDO),
    ]
