"""A drafted reply gets a row of its own, in which it is sent; drafts that are there move into it."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models

STATES = ["draft", "dropped", "failed", "queued", "refused", "sending", "sent", "unsure"]


def move(apps: Apps, _schema_editor: object) -> None:
    arrival, reply = (apps.get_model("inbox", name) for name in ("Arrival", "Reply"))
    drafted = arrival.objects.exclude(drafted=None).only("pk", "drafted")
    reply.objects.bulk_create(
        (reply(arrival_id=each.pk, sealed=each.drafted) for each in drafted.iterator(100)), batch_size=100
    )


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0002_mailbox"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField(model_name="arrival", old_name="reply", new_name="drafted"),
        migrations.CreateModel(
            name="Reply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("state", models.CharField(default="draft", max_length=10)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("said", models.CharField(blank=True, max_length=300)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("sealed", models.BinaryField()),
                ("addressee", models.CharField(blank=True, db_index=True, max_length=64)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "arrival",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reply", to="inbox.arrival"
                    ),
                ),
                (
                    "asked_by",
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
                        condition=models.Q(("state__in", STATES)), name="reply_known_state"
                    )
                ],
            },
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
