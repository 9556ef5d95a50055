from collections import defaultdict

from django.db import migrations, models

AT_ONCE = 500


def name_facets(apps, schema_editor):
    """Copy EntryFacet rows to `Entry.facets`, which publications compare with new documents to correct posting lists."""
    lines = defaultdict(list)
    rows = apps.get_model("search", "EntryFacet").objects.order_by("name", "code")
    for entry, name, code in rows.values_list("entry_id", "name", "code"):
        lines[entry].append(f"{name} {code}")
    Entry = apps.get_model("search", "Entry")
    entries = [Entry(row=entry, facets="\n".join(sorted(own))) for entry, own in lines.items()]
    Entry.objects.bulk_update(entries, ["facets"], AT_ONCE)


def put_facets_in_rows(apps, schema_editor):
    EntryFacet = apps.get_model("search", "EntryFacet")
    entries = apps.get_model("search", "Entry").objects.exclude(facets="").values_list("row", "facets")
    values = ((entry, *line.partition(" ")) for entry, facets in entries for line in facets.split("\n"))
    rows = [EntryFacet(entry_id=entry, name=name, code=code) for entry, name, _, code in values]
    EntryFacet.objects.bulk_create(rows, AT_ONCE)


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0003_buckets'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entryfacet',
            name='entry',
            field=models.ForeignKey(on_delete=models.deletion.CASCADE, related_name='+', to='search.entry', verbose_name='項目'),
        ),
        migrations.AddField(
            model_name='entry',
            name='facets',
            field=models.TextField(blank=True, help_text='一行に一つ、絞り込みの名とコード。', verbose_name='絞り込みの値'),
        ),
        migrations.RunPython(name_facets, put_facets_in_rows),
        migrations.DeleteModel(
            name='EntryFacet',
        ),
    ]
