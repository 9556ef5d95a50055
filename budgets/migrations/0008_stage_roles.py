"""Stages get a role, and combined ones the stages that they cover."""

import unicodedata
import uuid

import django.db.models.deletion
from django.db import migrations, models

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://dxportal.example/catalogue")
ROLES = [
    ("request", "要求"),
    ("initial", "当初"),
    ("supplementary", "補正"),
    ("adjustment", "流用等"),
    ("carried_in", "前年度からの繰越"),
    ("revised", "補正後"),
    ("settlement", "決算"),
    ("carried_out", "翌年度への繰越"),
]
# Words in the names of stages, in the order in which they are looked for, and the role that they tell.
WORDS = [
    ("要求", "request"),
    ("決算", "settlement"),
    ("執行", "settlement"),
    ("翌年度", "carried_out"),
    ("繰越", "carried_in"),
    ("補正後", "revised"),
    ("現計", "revised"),
    ("当初", "initial"),
    ("補正", "supplementary"),
    ("流用", "adjustment"),
    ("予備費", "adjustment"),
]
COMBINED = "initial-with-february"
# The plain stages of a year, as stages.yaml has them since this version.
STAGES = [
    ("request", "要求"),
    ("initial", "当初"),
    (COMBINED, "当初（前年度２月補正を含む）"),
    ("june", "６月補正"),
    ("september", "９月補正"),
    ("december", "12月補正"),
    ("february", "２月補正"),
    ("adjustment", "流用・予備費充用"),
    ("revised", "補正後"),
    ("carried-in", "前年度からの繰越"),
    ("settlement", "決算"),
    ("carried-out", "翌年度への繰越"),
]


def role_of(name):
    """Tell the role from a stage's name; one that says nothing is an initial budget."""
    plain = unicodedata.normalize("NFKC", name)
    return next((role for word, role in WORDS if word in plain), "initial")


def identity(model, *key):
    return uuid.uuid5(NAMESPACE, "/".join([f"budgets.{model}", *map(str, key)]))


def fill_roles(apps, schema_editor):
    stages = apps.get_model("budgets", "Stage").objects.using(schema_editor.connection.alias)
    for stage in stages.all():
        stage.role = role_of(stage.name)
        stage.save(update_fields=["role"])


def say_what_is_combined(apps, schema_editor):
    """Add the plain stages of the shipped plan beside the combined one that it uses, if that is there."""
    alias = schema_editor.connection.alias
    stages = apps.get_model("budgets", "Stage").objects.using(alias)
    components = apps.get_model("budgets", "StageComponent").objects.using(alias)
    by_code = {stage.code: stage for stage in stages.all()}
    if COMBINED not in by_code:
        return
    names = {unicodedata.normalize("NFKC", stage.name) for stage in by_code.values()}
    others = [stage for stage in by_code.values() if stage.code not in dict(STAGES)]
    for position, (code, name) in enumerate(STAGES, 1):
        if code in by_code:
            stages.filter(code=code).update(position=position)
        elif unicodedata.normalize("NFKC", name) not in names:
            key = identity("stage", code)
            by_code[code] = stages.create(pk=key, code=code, name=name, role=role_of(name), position=position)
    for position, stage in enumerate(sorted(others, key=lambda one: (one.position, one.code)), len(STAGES) + 1):
        stages.filter(pk=stage.pk).update(position=position)
    for code, offset in (("initial", 0), ("february", -1)):
        if code in by_code:
            key = identity("stagecomponent", COMBINED, code, offset)
            components.create(pk=key, stage=by_code[COMBINED], component=by_code[code], year_offset=offset)


class Migration(migrations.Migration):
    dependencies = [("budgets", "0007_terms_of_administration")]

    operations = [
        migrations.AddField(
            "stage",
            "role",
            models.CharField(
                choices=ROLES,
                default="initial",
                help_text="その年度の額のうち、どれに当たるか。減額（△）を入れられるのは、補正と流用等です。",
                max_length=20,
                verbose_name="種類",
            ),
            preserve_default=False,
        ),
        migrations.RemoveField("stage", "is_combined"),
        migrations.CreateModel(
            name="StageComponent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False, )),
                ("year_offset", models.SmallIntegerField(choices=[(-1, "前年度"), (0, "同じ年度"), (1, "翌年度")], default=0, verbose_name="年度")),
                (
                    "component",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="budgets.stage", verbose_name="含まれる予算区分"),
                ),
                (
                    "stage",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="components", to="budgets.stage", verbose_name="合算した予算区分"),
                ),
            ],
            options={
                "verbose_name": "合算した予算区分の内訳",
                "verbose_name_plural": "合算した予算区分の内訳",
                "ordering": ["stage__position", "year_offset", "component__position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stage", "component", "year_offset"),
                        name="stagecomponent_once",
                        violation_error_message="この予算区分は、その年度でもう含まれています。一つにしてください。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("year_offset__range", (-1, 1))),
                        name="stagecomponent_of_a_year_nearby",
                        violation_error_message="年度は、一覧から選んでください。",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            "stage",
            models.CheckConstraint(
                condition=models.Q(("role__in", [role for role, _ in ROLES])),
                name="stage_role_known",
                violation_error_message="予算区分の種類は、一覧から選んでください。",
            ),
        ),
        migrations.RunPython(fill_roles, migrations.RunPython.noop),
        migrations.RunPython(say_what_is_combined, migrations.RunPython.noop),
    ]
