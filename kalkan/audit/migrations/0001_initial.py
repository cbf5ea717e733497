import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "action",
                    models.CharField(
                        help_text="One of `Event`; no choices, so that a new event needs no migration", max_length=40
                    ),
                ),
                (
                    "subjects",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        blank=True,
                        default=list,
                        help_text="References of persons and cases",
                        size=None,
                    ),
                ),
                ("facts", models.JSONField(blank=True, default=dict)),
                (
                    "channel",
                    models.CharField(
                        choices=[("page", "Page"), ("command", "Command line"), ("job", "Background job")],
                        default="command",
                        max_length=10,
                    ),
                ),
                (
                    "request",
                    models.UUIDField(help_text="Ties together the events of one page request or run", null=True),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["subjects"], name="audit_event_subjects"),
                    models.Index(fields=["actor", "-id"], name="audit_event_actor"),
                    models.Index(fields=["action", "-id"], name="audit_event_action"),
                ],
            },
        ),
    ]
