"""A screening owed for a person whom the gate did not find is a promise like any other, without a case."""

import django.db.models.deletion
from django.db import migrations, models

# Of the questions asked before, what is still owed; a term in days ends with its last day, in the time of the country.
OWED = """
INSERT INTO assistance_promise
    (reference, kind, subject, institution_id, province_id, owner_id, provision_id, made_at, due_at)
SELECT gen_random_uuid(), 'gate_screening', g.reference, g.institution_id, g.province_id, g.asked_by_id,
    (SELECT max(v.id) FROM vocabulary_provision v WHERE v.code = 'gate_screening'), g.asked_at,
    greatest(g.asked_at, (g.screen_by + time '23:59:59') AT TIME ZONE 'Europe/Istanbul')
FROM assistance_gatecheck g
WHERE g.screen_by IS NOT NULL AND g.closed_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM assistance_promise p WHERE p.subject = g.reference AND p.kind = 'gate_screening'
);
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0090_duties"), ("cases", "0041_hand_over"), ("vocabulary", "0030_terms_in_hours")]
    operations = [
        migrations.AlterField(
            model_name="promise",
            name="case",
            field=models.ForeignKey(
                help_text="Only a person whom nobody found at the gate has none", null=True,
                on_delete=django.db.models.deletion.PROTECT, related_name="promises", to="cases.case",
            ),
        ),
        migrations.AlterField(
            model_name="promise",
            name="province",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                help_text="That of the case, whose authority watches over it; without a case that of the institution",
                to="vocabulary.province",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(("case__isnull", False), ("kind", "gate_screening"), _connector="OR"),
                name="promise_without_a_case_is_of_the_gate",
            ),
        ),
        migrations.RunSQL(OWED, migrations.RunSQL.noop),
    ]  # fmt: skip
