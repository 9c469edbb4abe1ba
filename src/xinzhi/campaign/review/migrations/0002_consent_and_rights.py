"""A consent is bound to a version, those that are there to the present one; pictures get rights of their own."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models


def bind(apps: Apps, _schema_editor: object) -> None:
    case, filed = apps.get_model("review", "Case"), apps.get_model("returns", "Return")
    version = filed.objects.filter(pk=models.OuterRef("filed")).values("version")
    case.objects.exclude(consent="").update(consent_version=models.Subquery(version))


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_state_reason"),
        ("returns", "0002_uploads"),
        ("review", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PictureRight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("picture", models.UUIDField()),
                ("right", models.CharField(max_length=10)),
                ("holder", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="review_case_consent",
        ),
        migrations.AddField(
            model_name="case",
            name="consent_version",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="case",
            name="consent",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent__in", ("", "asked", "given", "refused", "withdrawn"))),
                name="review_case_consent",
            ),
        ),
        migrations.AddField(
            model_name="pictureright",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pictureright",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="rights", to="review.case"
            ),
        ),
        migrations.AddConstraint(
            model_name="pictureright",
            constraint=models.UniqueConstraint(fields=("case", "picture"), name="picture_right_once"),
        ),
        migrations.AddConstraint(
            model_name="pictureright",
            constraint=models.CheckConstraint(
                condition=models.Q(("right__in", ("own", "permitted", "unclear"))), name="picture_right_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="pictureright",
            constraint=models.CheckConstraint(
                condition=models.Q(("holder", ""), ("right", "permitted"), _negated=True),
                name="picture_right_names_holder",
            ),
        ),
        migrations.RunPython(bind, migrations.RunPython.noop),
    ]
