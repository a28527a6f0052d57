"""Entries become canonical content with a digest; personal fields move out of it. What was there becomes one deed."""

import json
import uuid

from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Now

from audit import canonical, chain, trail

CATEGORIES = [
    ("account", "Account"), ("administration", "Administration"), ("settings", "Settings"), ("case", "Case"),
    ("system", "System"),
]


def carry(apps, schema_editor):
    """Write each old entry's content and put what is personal beside it; chain them all as one deed."""
    using = schema_editor.connection.alias
    Entry, Link, Personal = (apps.get_model("audit", name) for name in ("Entry", "Link", "Personal"))
    deed, digests = uuid.uuid4(), []
    for entry in Entry.objects.using(using).order_by("id").iterator(500):
        draft = trail.Draft(entry.actor_id, entry.verb, entry.target, entry.before, entry.after)
        entry.content, parts = trail.content_of(draft, entry.origin)
        entry.digest, entry.deed = chain.entry_digest(entry.at, entry.content), deed
        entry.save(using=using, update_fields=["content", "digest", "deed"])
        digests.append(entry.digest)
        Personal.objects.using(using).bulk_create(
            Personal(entry_id=entry.pk, part=part.part, subject_id=trail.subject_of(draft, part), at=entry.at,
                     salt=part.salt, fields=part.text)
            for part in parts
        )
    if digests:
        at = entry.at
        link = chain.Link(1, 1, len(digests), at, chain.GENESIS, chain.entries_digest(digests))
        Link.objects.using(using).create(
            seq=link.seq, deed=deed, first=link.first, entries=link.entries, entries_digest=link.entries_digest,
            at=link.at, previous=link.previous, hash=link.hash(),
        )


def bring_back(apps, schema_editor):
    """Read the columns out of the content; personal fields that were erased stay away."""
    using = schema_editor.connection.alias
    Entry, Personal = (apps.get_model("audit", name) for name in ("Entry", "Personal"))
    for entry in Entry.objects.using(using).order_by("id").iterator(500):
        document = json.loads(entry.content)
        for row in Personal.objects.using(using).filter(entry_id=entry.pk):
            trail.commitments.restore(document, json.loads(row.fields))
        entry.actor_id, entry.verb, entry.target = document["actor"], document["verb"], document["target"]
        entry.before, entry.after, entry.origin = document["before"], document["after"], document["origin"]
        entry.save(using=using, update_fields=["actor_id", "verb", "target", "before", "after", "origin"])


def of_content(key, kind):
    text = KeyTextTransform(key, Cast("content", models.JSONField()))
    expression = text if isinstance(kind, models.TextField) else Cast(text, type(kind)())
    return models.GeneratedField(expression=expression, output_field=kind, db_persist=True)


OLD = {
    "actor_id": models.BigIntegerField(null=True),
    "verb": models.TextField(null=True),
    "target": models.TextField(null=True),
    "before": models.JSONField(null=True),
    "after": models.JSONField(null=True),
    "origin": models.JSONField(null=True),
}
NEW = {
    "actor_id": of_content("actor", models.BigIntegerField(null=True)),
    "verb": of_content("verb", models.TextField()),
    "target": of_content("target", models.TextField()),
    "category": of_content("category", models.TextField(choices=CATEGORIES)),
}


class Migration(migrations.Migration):

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("deed", models.UUIDField(unique=True)),
                ("first", models.BigIntegerField(unique=True)),
                ("entries", models.IntegerField()),
                ("entries_digest", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
            ],
            options={"db_table": "audit_link"},
        ),
        migrations.CreateModel(
            name="Personal",
            fields=[
                ("pk", models.CompositePrimaryKey("entry_id", "part", blank=True, editable=False, primary_key=True,
                                                  serialize=False)),
                ("entry_id", models.BigIntegerField()),
                ("part", models.TextField(choices=[("deed", "Deed"), ("origin", "Origin")])),
                ("subject_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField(db_default=Now())),
                ("salt", models.BinaryField()),
                ("fields", models.TextField()),
            ],
            options={"db_table": "audit_personal"},
        ),
        *(migrations.AlterField("entry", name, OLD[name]) for name in ("verb", "target", "origin")),
        migrations.AddField("entry", "deed", models.UUIDField(null=True)),
        migrations.AddField("entry", "content", models.TextField(null=True)),
        migrations.AddField("entry", "digest", models.BinaryField(null=True)),
        migrations.RunPython(carry, bring_back),
        *(migrations.RemoveField("entry", name) for name in OLD),
        migrations.AlterField("entry", "content", models.TextField()),
        migrations.AlterField("entry", "digest", models.BinaryField()),
        *(migrations.AddField("entry", name, field) for name, field in NEW.items()),
        # The same column: a deed is the link that it becomes, once it is committed.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterField("entry", "deed", models.UUIDField())],
            state_operations=[
                migrations.RemoveField("entry", "deed"),
                migrations.AddField(
                    "entry",
                    "link",
                    models.ForeignKey(
                        "audit.link", models.DO_NOTHING, to_field="deed", db_column="deed", db_constraint=False,
                        db_index=False, related_name="+",
                    ),
                ),
            ],
        ),
        migrations.AddIndex("entry", models.Index("link", "id", name="audit_entry_deed")),
        migrations.AddIndex("entry", models.Index("target", "id", name="audit_entry_target")),
        migrations.AddIndex("entry", models.Index("actor_id", "id", name="audit_entry_actor")),
        migrations.AddIndex("entry", models.Index("at", name="audit_entry_at")),
        migrations.AddIndex("personal", models.Index("subject_id", name="audit_personal_subject")),
        migrations.AddIndex(
            "personal",
            models.Index("at", name="audit_personal_origin_at", condition=models.Q(part="origin")),
        ),
    ]
