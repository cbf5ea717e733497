"""Several needs of one person, each with its owner."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0011_directory_rules"),
        ("cases", "0041_hand_over"),
        ("persons", "0040_attachment"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pathway",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("need", models.CharField(help_text="code list `need`", max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "In hand"),
                            ("handed_over", "Handed over, not taken up yet"),
                            ("closed", "Closed"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("opened_on", models.DateField()),
                ("closed_on", models.DateField(null=True)),
                ("outcome", models.CharField(blank=True, help_text="code list `pathway_outcome`", max_length=40)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("request_key", models.UUIDField(null=True, unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pathways", to="cases.case"
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.institution",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        help_text="Null until somebody takes it up",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        help_text="That of the case, held so by a trigger: a need is open once, in whichever case",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pathways",
                        to="persons.person",
                    ),
                ),
                (
                    "province",
                    models.ForeignKey(
                        db_index=False,
                        help_text="That of the case when the need was opened",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vocabulary.province",
                    ),
                ),
                (
                    "provision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vocabulary.provision",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PathwayStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=20)),
                ("source", models.CharField(blank=True, max_length=12)),
                ("target", models.CharField(max_length=12)),
                ("on", models.DateField(help_text="The day on which it happened")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("request_key", models.UUIDField(null=True, unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        help_text="With whom it lies after the move",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.institution",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="persons.sealedtext",
                    ),
                ),
                (
                    "pathway",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="assistance.pathway"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="pathway",
            index=models.Index(fields=["institution", "status"], name="pathway_institution"),
        ),
        migrations.AddConstraint(
            model_name="pathway",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["open", "handed_over"])),
                fields=("person", "need"),
                name="person_has_each_need_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pathway",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_on__gte", models.F("opened_on")),
                        ("status", "closed"),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    models.Q(models.Q(("status", "closed"), _negated=True), ("closed_on", None), ("outcome", "")),
                    _connector="OR",
                ),
                name="closed_need_has_a_day_and_an_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="pathway",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "open"), _negated=True), ("owner__isnull", False), _connector="OR"
                ),
                name="need_in_hand_has_an_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="pathwaystep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("move", "open"), ("source__in", [""]), ("target", "open")),
                    models.Q(("move", "open_elsewhere"), ("source__in", [""]), ("target", "handed_over")),
                    models.Q(("move", "take_up"), ("source__in", ["handed_over"]), ("target", "open")),
                    models.Q(("move", "take_step"), ("source__in", ["open"]), ("target", "open")),
                    models.Q(
                        ("move", "hand_over"), ("source__in", ["open", "handed_over"]), ("target", "handed_over")
                    ),
                    models.Q(("move", "close"), ("source__in", ["open", "handed_over"]), ("target", "closed")),
                    _connector="OR",
                ),
                name="pathway_step_is_a_move_of_the_table",
            ),
        ),
    ]
