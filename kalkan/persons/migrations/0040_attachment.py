import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("persons", "0001_initial"),
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
    ]
