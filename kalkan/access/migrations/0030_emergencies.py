import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0020_sessions_invitations_leave"),
    ]

    operations = [
        migrations.CreateModel(
            name="Emergency",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("person", models.UUIDField(help_text="Reference of the person opened")),
                (
                    "case",
                    models.UUIDField(
                        help_text="Reference of the case opened; null where only the person is", null=True
                    ),
                ),
                (
                    "named",
                    models.CharField(
                        help_text="How people speak of it: case number, or short reference", max_length=20
                    ),
                ),
                ("ground", models.CharField(help_text="code list `emergency_ground`", max_length=40)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ends_at", models.DateTimeField(help_text="The moment from which it shows nothing any more")),
                ("ended_at", models.DateTimeField(help_text="Where the user ended it before its time", null=True)),
                ("review_due_on", models.DateField()),
                ("reviewed_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("justified", "Justified"), ("not_justified", "Not justified")],
                        max_length=15,
                    ),
                ),
                ("finding", models.CharField(blank=True, help_text="code list `emergency_finding`", max_length=40)),
                ("request_key", models.UUIDField(null=True, unique=True)),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency",
                "ordering": ["-opened_at", "-id"],
                "indexes": [
                    models.Index(fields=["user", "-ends_at"], name="emergency_user_ends"),
                    models.Index(
                        condition=models.Q(("reviewed_by", None)), fields=["review_due_on"], name="emergency_to_review"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("opened_at"))),
                        name="emergency_ends_after_it_opens",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            models.Q(("ended_at__gte", models.F("opened_at")), ("ended_at__lte", models.F("ends_at"))),
                            _connector="OR",
                        ),
                        name="emergency_is_ended_within_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by", None),
                            models.Q(("reviewed_by", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="emergency_is_not_reviewed_by_its_user",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finding", ""), ("reviewed_at", None), ("reviewed_by", None), ("verdict", "")),
                            models.Q(
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                models.Q(("verdict", ""), _negated=True),
                                models.Q(("finding", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="emergency_review_is_whole",
                    ),
                ],
            },
        ),
    ]
