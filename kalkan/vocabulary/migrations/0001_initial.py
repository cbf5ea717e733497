import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                ("label_tr", models.CharField(max_length=300)),
                ("label_en", models.CharField(max_length=300)),
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("is_working", models.BooleanField(default=False)),
                ("citation", models.CharField(max_length=300)),
                ("is_verified", models.BooleanField(default=False)),
                ("retired_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["day"],
            },
        ),
        migrations.CreateModel(
            name="CodeList",
            fields=[
                ("label_tr", models.CharField(max_length=300)),
                ("label_en", models.CharField(max_length=300)),
                ("code", models.CharField(max_length=60, primary_key=True, serialize=False)),
                (
                    "holds",
                    models.CharField(
                        choices=[
                            ("codes", "Codes"),
                            ("provinces", "Provinces"),
                            ("indicators", "Indicators"),
                            ("weights", "Weights of indicators"),
                            ("provisions", "Legal provisions"),
                            ("days", "Closed days"),
                        ],
                        default="codes",
                        max_length=20,
                    ),
                ),
                (
                    "parent_list",
                    models.CharField(
                        blank=True, help_text="The list in which the codes' parents stand", max_length=60
                    ),
                ),
                ("source", models.CharField(max_length=300)),
                ("version", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("loaded_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Indicator",
            fields=[
                ("label_tr", models.CharField(max_length=300)),
                ("label_en", models.CharField(max_length=300)),
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                (
                    "dimension",
                    models.CharField(
                        choices=[
                            ("deceptive_recruitment", "Deceptive recruitment"),
                            ("coercive_recruitment", "Coercive recruitment"),
                            ("recruitment_by_abuse_of_vulnerability", "Recruitment by abuse of vulnerability"),
                            ("exploitation", "Exploitation"),
                            ("coercion_at_destination", "Coercion at destination"),
                            ("abuse_of_vulnerability_at_destination", "Abuse of vulnerability at destination"),
                        ],
                        max_length=60,
                    ),
                ),
                ("question_tr", models.CharField(max_length=500)),
                ("question_en", models.CharField(max_length=500)),
                ("position", models.PositiveIntegerField(default=0)),
                ("retired_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Province",
            fields=[
                (
                    "code",
                    models.CharField(
                        help_text="ISO 3166-2, for example TR-06", max_length=6, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("region", models.CharField(help_text="NUTS 1 code, for example TR5", max_length=4)),
                ("tile_row", models.PositiveSmallIntegerField()),
                ("tile_column", models.PositiveSmallIntegerField()),
                ("retired_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("tile_row", "tile_column"),
                        name="tile_belongs_to_one_province",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Provision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(help_text="For example reflection_period", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[("deadline", "Deadline"), ("ground", "Ground"), ("rule", "Rule")], max_length=10
                    ),
                ),
                ("citation_tr", models.CharField(max_length=300)),
                ("citation_en", models.CharField(max_length=300)),
                ("text_tr", models.TextField()),
                ("text_en", models.TextField()),
                ("amount", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "unit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days", "days"),
                            ("working_days", "working days"),
                            ("months", "months"),
                            ("years", "years"),
                        ],
                        max_length=15,
                    ),
                ),
                ("valid_from", models.DateField()),
                (
                    "valid_to",
                    models.DateField(blank=True, help_text="The first day on which it no longer holds", null=True),
                ),
                ("is_verified", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["code", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("code", "valid_from"), name="provision_changes_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="provision_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "deadline"), _negated=True),
                            models.Q(("amount__gt", 0), models.Q(("unit", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="deadline_has_a_term",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Code",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label_tr", models.CharField(max_length=300)),
                ("label_en", models.CharField(max_length=300)),
                ("code", models.CharField(max_length=60)),
                ("hint_tr", models.CharField(blank=True, max_length=500)),
                ("hint_en", models.CharField(blank=True, max_length=500)),
                ("parent", models.CharField(blank=True, max_length=60)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        blank=True,
                        default=list,
                        help_text="Other codes and spellings in files",
                        size=None,
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("retired_on", models.DateField(blank=True, null=True)),
                (
                    "code_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="codes", to="vocabulary.codelist"
                    ),
                ),
            ],
            options={
                "ordering": ["code_list", "position", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("code_list", "code"), name="code_stands_once_in_its_list"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("retired_on", None),
                            ("retired_on__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="code_is_not_retired_before_it_was_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IndicatorWeight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "profile",
                    models.CharField(
                        choices=[
                            ("adult_labour", "Adult, labour exploitation"),
                            ("adult_sexual", "Adult, sexual exploitation"),
                            ("child_labour", "Child, labour exploitation"),
                            ("child_sexual", "Child, sexual exploitation"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "weight",
                    models.CharField(
                        choices=[("strong", "strong"), ("medium", "medium"), ("weak", "weak")], max_length=10
                    ),
                ),
                (
                    "verification",
                    models.CharField(
                        choices=[
                            ("primary", "read in the original table"),
                            ("secondary", "from a secondary source"),
                            ("unverified", "not verified"),
                            ("derived", "derived, not published"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note_tr", models.CharField(blank=True, max_length=300)),
                ("note_en", models.CharField(blank=True, max_length=300)),
                ("valid_from", models.DateField()),
                (
                    "valid_to",
                    models.DateField(blank=True, help_text="The first day on which it no longer holds", null=True),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="weights", to="vocabulary.indicator"
                    ),
                ),
            ],
            options={
                "ordering": ["indicator", "profile", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("indicator", "profile", "valid_from"), name="weight_is_set_once_a_day_for_a_profile"
                    )
                ],
            },
        ),
    ]
