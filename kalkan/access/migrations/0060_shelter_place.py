"""Where a shelter is goes into a table of its own; its institution keeps the code alone.

Bare SQL shows a place to those alone who may know it, see `access.sensitivity.place_for`.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
INSERT INTO access_shelterplace (institution_id, name_tr, name_en, province_id)
SELECT id, name_tr, name_en, province_id FROM access_institution WHERE kind = 'shelter' AND province_id IS NOT NULL;
UPDATE access_institution SET name_tr = code, name_en = code, province_id = NULL WHERE kind = 'shelter';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

ALTER TABLE access_shelterplace ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON access_shelterplace FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('command'))
    OR (SELECT kalkan_may('access:shelter:locate')) AND (
        (SELECT kalkan_reach()) = 'nation'
        OR (SELECT kalkan_reach()) = 'province' AND province_id = (SELECT kalkan_province())
        OR (SELECT kalkan_reach()) = 'institution' AND institution_id = (SELECT kalkan_institution())
    )
);
CREATE POLICY loading ON access_shelterplace FOR INSERT TO kalkan_app WITH CHECK ((SELECT kalkan_works_on('command')));
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0033_initial"), ("vocabulary", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="ShelterPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_tr", models.CharField(max_length=200)),
                ("name_en", models.CharField(max_length=200)),
                (
                    "institution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="place", to="access.institution"
                    ),
                ),
                (
                    "province",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vocabulary.province"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="institution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "shelter"), _negated=True),
                    models.Q(("name_en", models.F("code")), ("name_tr", models.F("code")), ("province", None)),
                    _connector="OR",
                ),
                name="shelter_tells_no_place",
            ),
        ),
    ]
