"""Entries of the trail, and the personal fields beside them."""

import copy
import json
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Now

from audit import commitments
from audit.category import Category
from audit.models.link import Link


def _of_content(key: str, kind: "models.Field[Any, Any]") -> models.GeneratedField:
    """Describe a column that the database reads out of the content, so that the two can't differ."""
    text = KeyTextTransform(key, Cast("content", models.JSONField()))
    expression = text if isinstance(kind, models.TextField) else Cast(text, type(kind)())
    return models.GeneratedField(expression=expression, output_field=kind, db_persist=True)


class Entry(models.Model):
    """One entry: who did what to what, when and from where. The application's role may add and read, no more.

    Write it by `trail.record`. What the database sets, whatever is said: the link (by its deed), `at` and `digest`.
    """

    id = models.BigAutoField(primary_key=True)
    #: It is there once the deed is committed.
    link = models.ForeignKey(
        Link,
        models.DO_NOTHING,
        to_field="deed",
        db_column="deed",
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    at = models.DateTimeField(db_default=Now())
    #: Canonical JSON: actor, verb, target, category, before, after, origin, personal (see `commitments`).
    content = models.TextField()
    #: SHA-256 over `at` (microseconds since 1970, int8, big endian) and the content's UTF-8.
    digest = models.BinaryField()
    #: The person's id; null where nobody of this workspace acted (the operating system's user is in `origin`).
    actor_id = _of_content("actor", models.BigIntegerField(null=True))
    verb = _of_content("verb", models.TextField())
    target = _of_content("target", models.TextField())
    category = _of_content("category", models.TextField(choices=Category.choices))

    #: Its place in the order of commits, gapless from 1, where `trail.page` read it.
    number: int

    class Meta:
        db_table = "audit_entry"
        verbose_name_plural = "entries"
        indexes = [
            models.Index("link", "id", name="audit_entry_deed"),
            models.Index("target", "id", name="audit_entry_target"),
            models.Index("actor_id", "id", name="audit_entry_actor"),
            models.Index("at", name="audit_entry_at"),
            models.Index("category", "verb", name="audit_entry_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.target}"

    @property
    def before(self) -> Any:
        """What was before, with its personal fields as far as they are still kept."""
        return self.deed["before"]

    @property
    def after(self) -> Any:
        """What was after, with its personal fields as far as they are still kept."""
        return self.deed["after"]

    @property
    def origin(self) -> Any:
        """Where the deed came from, with its personal fields as far as they are still kept."""
        return self.deed["origin"]

    @property
    def erased(self) -> list[str]:
        """The JSON Pointers of personal fields that were erased since; null stands in their places."""
        kept = {row.part for row in self.personal}
        return [
            pointer
            for part, promise in self.said["personal"].items()
            if part not in kept
            for pointer in promise["fields"]
        ]

    @cached_property
    def said(self) -> dict[str, Any]:
        """The content as it is on the trail."""
        return dict(json.loads(self.content))

    @cached_property
    def personal(self) -> "list[Personal]":
        """The rows of personal fields that are still kept; `personal.of` reads them for many entries at once."""
        return list(Personal.objects.using(self._state.db).filter(entry_id=self.pk))

    @cached_property
    def deed(self) -> dict[str, Any]:
        """The content with its personal fields in their places."""
        document = copy.deepcopy(self.said)
        for row in self.personal:
            commitments.restore(document, json.loads(row.fields))
        return document


class Personal(models.Model):
    """The personal fields of one part of an entry, outside the chain: they can be erased, and never changed."""

    class Part(models.TextChoices):
        DEED = commitments.DEED
        ORIGIN = commitments.ORIGIN

    pk = models.CompositePrimaryKey("entry_id", "part")
    entry_id = models.BigIntegerField()
    part = models.TextField(choices=Part.choices)
    #: The person whose data it is; null where the trail does not know one.
    subject_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(db_default=Now())
    salt = models.BinaryField()
    #: Canonical JSON of JSON Pointer → value, as committed to.
    fields = models.TextField()

    class Meta:
        db_table = "audit_personal"
        indexes = [
            models.Index("subject_id", name="audit_personal_subject"),
            models.Index("at", name="audit_personal_origin_at", condition=models.Q(part=commitments.ORIGIN)),
        ]

    def __str__(self) -> str:
        return f"{self.part} of entry {self.entry_id}"
