"""Letters tell of the decisions of the review."""

from django.db import migrations, models

SORTS = ["accepted", "asked", "closing", "decided", "due", "message", "sent_back"]


class Migration(migrations.Migration):
    dependencies = [("checking", "0002_outgoing")]

    operations = [
        migrations.RemoveConstraint("letter", "letter_known_sort"),
        migrations.AddConstraint(
            "letter",
            models.CheckConstraint(condition=models.Q(sort__in=SORTS), name="letter_known_sort"),
        ),
    ]
