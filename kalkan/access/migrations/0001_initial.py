import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("vocabulary", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Institution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.CharField(max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("migration_centre", "Migration authority, centre"),
                            ("migration_province", "Migration authority, province"),
                            ("police", "Police"),
                            ("gendarmerie", "Gendarmerie"),
                            ("coast_guard", "Coast guard"),
                            ("ministry", "Ministry"),
                            ("judiciary", "Judiciary"),
                            ("municipality", "Municipality"),
                            ("ngo", "Non-governmental organisation"),
                            ("international", "International organisation"),
                            ("shelter", "Shelter"),
                            ("helpline", "Helpline"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name_tr", models.CharField(max_length=200)),
                ("name_en", models.CharField(max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("is_invented", models.BooleanField(default=False, help_text="Part of the demonstration")),
                (
                    "province",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vocabulary.province",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="Work e-mail")),
                ("full_name", models.CharField(max_length=150, verbose_name="Full name")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("helpline_operator", "157 helpline operator"),
                            ("frontline_officer", "Frontline officer"),
                            ("identification_expert", "Identification expert"),
                            ("deciding_officer", "Deciding officer"),
                            ("protection_officer", "Protection officer"),
                            ("shelter_staff", "Shelter staff"),
                            ("partner", "Partner institution"),
                            ("central_unit", "Central unit (victim protection)"),
                            ("commission_secretariat", "Plan and commission secretariat"),
                            ("provincial_focal_point", "Provincial focal point"),
                            ("analyst", "Analyst"),
                            ("data_protection_officer", "Data protection officer"),
                            ("administrator", "Account administrator"),
                        ],
                        max_length=30,
                        verbose_name="Role",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("tr", "Türkçe"), ("en", "English")],
                        default="tr",
                        max_length=5,
                        verbose_name="Language",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("is_invented", models.BooleanField(default=False, help_text="Part of the demonstration")),
                ("joined_at", models.DateTimeField(auto_now_add=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("request_key", models.UUIDField(null=True, unique=True)),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="users", to="access.institution"
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "ordering": ["email"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "helpline_operator",
                                    "frontline_officer",
                                    "identification_expert",
                                    "deciding_officer",
                                    "protection_officer",
                                    "shelter_staff",
                                    "partner",
                                    "central_unit",
                                    "commission_secretariat",
                                    "provincial_focal_point",
                                    "analyst",
                                    "data_protection_officer",
                                    "administrator",
                                ],
                            )
                        ),
                        name="user_has_a_known_role",
                    )
                ],
            },
        ),
    ]
