"""Documents that print amounts get the budget stage of these amounts, where the budget lines tell it."""

import uuid
from collections import defaultdict

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Exists, OuterRef

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://dxportal.example/catalogue")


def identity(model, *key):
    return uuid.uuid5(NAMESPACE, "/".join([f"budgets.{model}", *map(str, key)]))


def say_what_is_printed(apps, schema_editor):
    """Add a row for each document of the current plan that prints amounts of one stage.

    The stage is that of the budget lines of the printed projects and years that cite the document. A document whose
    lines are of several stages, or that no line cites, gets no row.
    """
    alias = schema_editor.connection.alias
    lines = apps.get_model("budgets", "BudgetLine").objects.using(alias)
    amounts = apps.get_model("projects", "Appearance").objects.using(alias).filter(
        printed_amount_thousand_yen__isnull=False,
        **{name: OuterRef(name) for name in ("document", "project", "fiscal_year")},
    )
    columns = ("document", "document__number", "stage", "stage__code")
    found = lines.filter(Exists(amounts), document__plan__is_current=True).order_by("document__number")
    stages = defaultdict(list)
    for document, number, stage, code in found.values_list(*columns).distinct():
        stages[document, number].append((stage, code))
    printed = apps.get_model("budgets", "PrintedStage").objects.using(alias)
    for (document, number), of_document in stages.items():
        if len(of_document) == 1:
            [(stage, code)] = of_document
            printed.create(pk=identity("printedstage", code, number), document_id=document, stage_id=stage)


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0010_change_reasons"),
        ("catalog", "0006_reason_threshold"),
        ("projects", "0006_one_set_of_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrintedStage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "document",
                    models.OneToOneField(
                        error_messages={
                            "unique": "この資料に記載の額の予算区分は、もう入っています。別の区分なら、その行を直してください。"
                        },
                        help_text="事業の額が記載されている資料。",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="printed_stage",
                        to="catalog.sourcedocument",
                        verbose_name="資料",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        help_text="この資料に記載の額が、どの予算区分の額か。",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="printed_in",
                        to="budgets.stage",
                        verbose_name="予算区分",
                    ),
                ),
            ],
            options={
                "verbose_name": "資料に記載の額の予算区分",
                "verbose_name_plural": "資料に記載の額の予算区分",
                "ordering": ["document__number"],
            },
        ),
        migrations.RunPython(say_what_is_printed, migrations.RunPython.noop),
    ]
