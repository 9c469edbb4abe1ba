"""Blind views keep what they mask; those made before did not, and are made and confirmed anew by the office."""

from django.apps.registry import Apps
from django.db import migrations, models


def drop(apps: Apps, _schema_editor: object) -> None:
    apps.get_model("review", "BlindView").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("review", "0002_consent_and_rights")]

    operations = [
        # In this order: PostgreSQL alters no table with deletions pending.
        migrations.AddField("blindview", "masks", models.JSONField(default=dict), preserve_default=False),
        migrations.RunPython(drop, migrations.RunPython.noop),
    ]
