"""The directory of services."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0060_shelter_place"),
        ("assistance", "0002_row_security"),
        ("vocabulary", "0010_province_centre"),
    ]

    operations = [
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("category", models.CharField(help_text="code list `service_category`", max_length=40)),
                ("name_tr", models.CharField(blank=True, max_length=200)),
                ("name_en", models.CharField(blank=True, max_length=200)),
                ("description_tr", models.CharField(blank=True, max_length=1000)),
                ("description_en", models.CharField(blank=True, max_length=1000)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        help_text="code list `language`",
                        size=None,
                    ),
                ),
                (
                    "sexes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        help_text="code list `sex`",
                        size=None,
                    ),
                ),
                (
                    "citizenships",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3),
                        blank=True,
                        default=list,
                        help_text="code list `country`",
                        size=None,
                    ),
                ),
                (
                    "accessibility",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="code list `accessibility`",
                        size=None,
                    ),
                ),
                ("age_from", models.PositiveSmallIntegerField(blank=True, help_text="Years, included", null=True)),
                ("age_to", models.PositiveSmallIntegerField(blank=True, help_text="Years, included", null=True)),
                ("is_always_open", models.BooleanField(default=False)),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Days of the week, 1: Monday",
                        size=None,
                    ),
                ),
                ("opens_at", models.TimeField(blank=True, null=True)),
                ("closes_at", models.TimeField(blank=True, null=True)),
                (
                    "capacity",
                    models.PositiveIntegerField(
                        blank=True, help_text="Persons at a time; null: not limited", null=True
                    ),
                ),
                ("cost", models.CharField(default="unknown", help_text="code list `service_cost`", max_length=40)),
                ("address", models.CharField(blank=True, max_length=300)),
                (
                    "phone",
                    models.CharField(blank=True, help_text="Of the institution, never of a person", max_length=40),
                ),
                (
                    "email",
                    models.EmailField(blank=True, help_text="Of the institution, never of a person", max_length=254),
                ),
                ("web", models.URLField(blank=True)),
                ("verified_on", models.DateField(help_text="When somebody last made sure that all of this is so")),
                ("is_active", models.BooleanField(default=True)),
                ("is_invented", models.BooleanField(default=False, help_text="Part of the demonstration")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("version", models.PositiveIntegerField(default=1)),
                ("request_key", models.UUIDField(null=True, unique=True)),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="access.institution"
                    ),
                ),
                (
                    "province",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where it is delivered; null: in the whole country, or a shelter's",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vocabulary.province",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(
                condition=models.Q(("is_active", True)), fields=["category", "id"], name="service_category"
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("age_from", None), ("age_to", None), ("age_to__gte", models.F("age_from")), _connector="OR"
                ),
                name="service_accepts_some_age",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes_at", None), ("days", []), ("is_always_open", True), ("opens_at", None)),
                    models.Q(("closes_at", None), ("days", []), ("is_always_open", False), ("opens_at", None)),
                    models.Q(("closes_at__gt", models.F("opens_at")), ("days__len__gt", 0), ("is_always_open", False)),
                    _connector="OR",
                ),
                name="service_opens_before_it_closes",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__contained_by", [1, 2, 3, 4, 5, 6, 7])),
                name="days_of_a_service_are_of_the_week",
            ),
        ),
    ]
