import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# A file exists for those for whom its person does: its kind and size are no identity, and the rest is ciphertext.
ROWS = """
ALTER TABLE persons_attachment ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_attachment FOR SELECT TO kalkan_app USING (
    EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person_id)
);
CREATE POLICY attaching ON persons_attachment FOR INSERT TO kalkan_app WITH CHECK (
    attached_by_id = (SELECT kalkan_user()) AND EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person_id)
);
CREATE POLICY removing ON persons_attachment FOR UPDATE TO kalkan_app USING (
    EXISTS (SELECT 1 FROM persons_person p WHERE p.id = person_id)
);
CREATE POLICY erasing ON persons_attachment FOR DELETE TO kalkan_app USING ((SELECT kalkan_works_on('erasure')));
CREATE POLICY not_in_an_emergency_insert ON persons_attachment AS RESTRICTIVE FOR INSERT TO kalkan_app WITH CHECK (
    NOT persons_is_opened(person_id)
);
CREATE POLICY not_in_an_emergency_update ON persons_attachment AS RESTRICTIVE FOR UPDATE TO kalkan_app USING (
    NOT persons_is_opened(person_id)
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("persons", "0030_emergency_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(help_text="code list `attachment_kind`", max_length=40)),
                ("media_type", models.CharField(help_text="By content, never as declared", max_length=100)),
                ("size", models.PositiveIntegerField(help_text="Bytes, as kept")),
                (
                    "is_scanned",
                    models.BooleanField(help_text="Whether a scanner found nothing; false where none was configured"),
                ),
                ("sealed_name", models.BinaryField(help_text="Sealed: name of the file", null=True)),
                ("sealed", models.BinaryField(help_text="Sealed: the file", null=True)),
                ("attached_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "removal_reason",
                    models.CharField(blank=True, help_text="code list `attachment_removal`", max_length=40),
                ),
                ("request_key", models.UUIDField(null=True, unique=True)),
                (
                    "attached_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="persons.person"
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("removal_reason", ""),
                                ("removed_at", None),
                                ("removed_by", None),
                                ("sealed__isnull", False),
                                ("sealed_name__isnull", False),
                            ),
                            models.Q(
                                ("removed_at__isnull", False),
                                ("sealed", None),
                                ("sealed_name", None),
                                models.Q(("removal_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="removed_attachment_keeps_nothing",
                    )
                ],
            },
        ),
        # Ciphertext does not compress: PostgreSQL need not try, and reads a part of it without unpacking the whole.
        migrations.RunSQL(
            "ALTER TABLE persons_attachment ALTER COLUMN sealed SET STORAGE EXTERNAL",
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
    ]
