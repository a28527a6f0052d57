"""`verify` finds and names what is done to the trail by somebody who owns the database and has every trigger off."""

import json
import secrets
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.utils import timezone

from audit import chain, keys, personal, signatures, signing, tasks, trail, verification
from audit.checkpoint import Malformed, parse, parse_lines
from audit.models import Entry, Key, Link, Personal, Verification
from tests.audit.trails import deeds, saved, thief


def test_a_whole_trail_is_whole_also_against_what_was_saved():
    deeds()
    for pinned in (None, saved().fingerprint):
        report = verification.run([saved()], pinned)
        assert report.is_ok, report.lines()
        assert report.tally.entries == Entry.objects.count()
        assert report.tally.head is not None
        assert report.tally.head.link.seq == report.tally.links


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("content = overlay(content placing 'x' from position('role.change' in content))", "Entry {n} (id {id})"),
        ("content = content || ' '", "Entry {n} (id {id})"),
        ("at = at + interval '1 microsecond'", "Entry {n} (id {id})"),
        ("digest = sha256('')", "Entry {n} (id {id})"),
    ],
)
def test_one_changed_byte_is_found_and_named(change, fault):
    link = deeds()[1]
    entry = Entry.objects.filter(link=link).order_by("id")[1]
    with thief() as do:
        do(f"UPDATE audit_entry SET {change} WHERE id = %s", entry.pk)
        assert fault.format(n=link.first + 1, id=entry.pk) in do.report()


def test_a_change_with_its_digest_made_anew_is_found_by_the_link():
    link = deeds()[1]
    entry = Entry.objects.filter(link=link).order_by("id")[1]
    content = entry.content.replace("role.change", "role.revoke")
    with thief() as do:
        digest = chain.entry_digest(entry.at, content)
        do("UPDATE audit_entry SET content = %s, digest = %s WHERE id = %s", content, digest, entry.pk)
        assert f"of link {link.seq} were changed" in do.report()


def _link_made_anew(do, link: Link, **changes: object) -> None:
    """Hash a link again as the database does."""
    made = chain.Link(link.seq, link.first, link.entries, link.at, bytes(link.previous), bytes(link.entries_digest))
    made = replace(made, **changes)  # type: ignore[arg-type]
    do(
        "UPDATE audit_link SET first = %s, entries = %s, at = %s, previous = %s, entries_digest = %s, hash = %s "
        "WHERE seq = %s",
        made.first, made.entries, made.at, made.previous, made.entries_digest, made.hash(), made.seq,
    )  # fmt: skip


def test_a_link_made_anew_is_found_by_the_next_one_and_the_last_by_a_checkpoint():
    _, link, last = deeds()
    with thief() as do:
        _link_made_anew(do, link, at=link.at + timedelta(microseconds=1))
        assert f"Link {last.seq} does not follow" in do.report()
    with thief() as do:
        _link_made_anew(do, last, at=last.at + timedelta(seconds=1))
        assert f"saw another link {last.seq}" in do.report(saved())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"first": 2**40}, f"numbers its entries from {2**40}, which does not follow"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "is older than the link before it"),
    ],
)
def test_a_link_made_anew_with_something_that_can_not_be_is_found(changes, fault):
    last = deeds()[2]
    with thief() as do:
        _link_made_anew(do, last, **changes)
        assert f"Link {last.seq} {fault}" in do.report()


@pytest.mark.parametrize("change", ["hash = sha256('')", "at = at + interval '1 microsecond'", "first = first + 1"])
def test_a_changed_link_is_found(change):
    last = deeds()[2]
    with thief() as do:
        do(f"UPDATE audit_link SET {change} WHERE seq = %s", last.seq)
        assert f"Link {last.seq} was changed: its hash does not fit" in do.report()


def test_an_entry_filed_under_something_else_is_found():
    link = deeds()[1]
    entry = Entry.objects.filter(link=link).order_by("id")[0]
    with thief() as do:
        do("ALTER TABLE audit_entry ALTER COLUMN verb DROP EXPRESSION")
        do("UPDATE audit_entry SET verb = 'signin' WHERE id = %s", entry.pk)
        assert f"(id {entry.pk}) is found under something else" in do.report()


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_a_missing_entry_is_found(nth):
    link = deeds()[1]
    entry = Entry.objects.filter(link=link).order_by("id")[nth]
    with thief() as do:
        do("DELETE FROM audit_entry WHERE id = %s", entry.pk)
        assert f"Entries of link {link.seq} are missing" in do.report()


def test_all_entries_of_a_deed_missing_are_found():
    link = deeds()[1]
    with thief() as do:
        do("DELETE FROM audit_entry WHERE deed = %s", link.deed)
        assert f"Entries of link {link.seq} are missing" in do.report()


def test_swapped_entries_are_found():
    link = deeds()[1]
    one, other = Entry.objects.filter(link=link).order_by("id")[:2]
    with thief() as do:
        for old, new in ((one.pk, -1), (other.pk, one.pk), (-1, other.pk)):
            do("UPDATE audit_entry SET id = %s WHERE id = %s", new, old)
            do("UPDATE audit_personal SET entry_id = %s WHERE entry_id = %s", new, old)
        assert f"of link {link.seq} were changed, or their order was" in do.report()


@pytest.mark.parametrize("deed", ["the deed of a link", "a deed of its own"])
def test_an_added_entry_is_found(deed):
    link = deeds()[1]
    entry = Entry.objects.filter(link=link).order_by("id")[0]
    with thief() as do:
        ((added,),) = do(
            "INSERT INTO audit_entry (content, at, digest, deed) SELECT content, at, digest, "
            "CASE WHEN %s THEN deed ELSE gen_random_uuid() END FROM audit_entry WHERE id = %s RETURNING id",
            deed == "the deed of a link",
            entry.pk,
        )
        expected = f"Entries of link {link.seq} are added" if deed == "the deed of a link" else f"(id {added}) belongs"
        assert expected in do.report()


def test_a_missing_and_a_renumbered_link_are_found():
    _, link, last = deeds()
    with thief() as do:
        do("DELETE FROM audit_link WHERE seq = %s", link.seq)
        assert f"Link {link.seq} is missing" in do.report()
        do("DELETE FROM audit_entry WHERE deed = %s", link.deed)
        assert f"Link {link.seq} is missing" in do.report()
        do("UPDATE audit_link SET seq = %s WHERE seq = %s", link.seq, last.seq)
        assert f"Link {link.seq} does not follow the link before it" in do.report()


def test_a_beginning_that_is_missing_or_another_is_found():
    deeds()
    first = Link.objects.get(seq=1)
    for changes, fault in (
        ({"previous": bytes(32)[:-1] + b"x"}, "Link 1 does not follow the link before it"),
        ({"first": 2**40}, f"Link 1 numbers its entries from {2**40}, which does not follow"),
    ):
        with thief() as do:
            _link_made_anew(do, first, **changes)
            assert fault in do.report()
    with thief() as do:
        do("DELETE FROM audit_personal WHERE entry_id IN (SELECT id FROM audit_entry WHERE deed = %s)", first.deed)
        do("DELETE FROM audit_entry WHERE deed = %s", first.deed)
        do("DELETE FROM audit_link WHERE seq = 1")
        assert "Link 1 is missing" in do.report()


def test_links_in_each_others_place_are_found():
    first, link, _ = deeds()
    with thief() as do:
        for old, new in ((first.seq, -1), (link.seq, first.seq), (-1, link.seq)):
            do("UPDATE audit_link SET seq = %s WHERE seq = %s", new, old)
        assert f"Link {first.seq} does not follow the link before it" in do.report()


def test_a_truncated_end_is_found_by_a_saved_checkpoint_only():
    _, _, last = deeds()
    known = saved()
    with thief() as do:
        do("DELETE FROM audit_checkpoint WHERE link_seq >= %s", last.seq)
        do("DELETE FROM audit_personal WHERE entry_id IN (SELECT id FROM audit_entry WHERE deed = %s)", last.deed)
        do("DELETE FROM audit_entry WHERE deed = %s", last.deed)
        do("DELETE FROM audit_link WHERE seq = %s", last.seq)
        assert do.report() == ""
        assert f"saw link {last.seq}, the last is {last.seq - 1}" in do.report(known)


def test_a_trail_made_anew_from_a_link_on_is_found_by_a_saved_checkpoint():
    _, link, last = deeds()
    known = saved()
    entry = Entry.objects.filter(link=link).order_by("id")[0]
    with thief() as do:
        do("DELETE FROM audit_checkpoint WHERE link_seq >= %s", link.seq)
        content = entry.content.replace("role.change", "role.revoke")
        digest = chain.entry_digest(entry.at, content)
        do("UPDATE audit_entry SET content = %s, digest = %s WHERE id = %s", content, digest, entry.pk)
        digests = [bytes(row[0]) for row in do("SELECT digest FROM audit_entry WHERE deed = %s ORDER BY id", link.deed)]
        _link_made_anew(do, link, entries_digest=chain.entries_digest(digests))
        ((previous,),) = do("SELECT hash FROM audit_link WHERE seq = %s", link.seq)
        _link_made_anew(do, last, previous=bytes(previous))
        assert do.report() == ""
        assert f"saw another link {last.seq}" in do.report(known)


def test_personal_fields_may_be_erased_and_never_changed():
    link = deeds()[1]
    entry = Entry.objects.filter(link=link).order_by("id")[0]
    name = f"(id {entry.pk})"
    with thief() as do:
        do("DELETE FROM audit_personal WHERE entry_id = %s", entry.pk)
        assert do.report() == ""
        do("INSERT INTO audit_personal (entry_id, part, salt, fields) VALUES (%s, 'deed', '', '{}')", entry.pk)
        assert f"{name} has other personal fields (deed)" in do.report()
    for change in ("fields = replace(fields, 'n 1', 'm 1')", "salt = sha256(salt)"):
        with thief() as do:
            do(f"UPDATE audit_personal SET {change} WHERE entry_id = %s AND part = 'deed'", entry.pk)
            assert f"{name} has other personal fields (deed)" in do.report()
    bare = trail.record(actor=None, verb="test", target="test", origin={})
    with thief() as do:
        do("INSERT INTO audit_personal (entry_id, part, salt, fields) VALUES (%s, 'deed', '', '{}')", bare.pk)
        assert "knows nothing of" in do.report()
        do("INSERT INTO audit_personal (entry_id, part, salt, fields) VALUES (-5, 'deed', '', '{}')")
        assert "(id -5) that is not there" in do.report()


def test_a_changed_checkpoint_is_found():
    deeds()
    known = saved()
    for changed, fault in (
        (replace(known, entries=known.entries + 1), "its signature does not fit"),
        (replace(known, at="2020-01-01T00:00:00.000000+00:00"), "its signature does not fit"),
        (replace(known, signature="AAAA"), "its signature does not fit"),
        (replace(known, public_key="%"), "its signature does not fit"),
        (
            replace(known, workspace=str(uuid.uuid4())).signed(signing.open_key(settings.TRAIL_KEY)[0]),
            "is of another workspace",
        ),
        *(
            (replace(known, **said).signed(signing.open_key(settings.TRAIL_KEY)[0]), f"saw another link {known.seq}")
            for said in ({"entries": known.entries - 1}, {"hash": "0" * 64})
        ),
    ):
        assert fault in "\n".join(verification.run([changed]).faults)
    with thief() as do:
        do("UPDATE audit_checkpoint SET line = '{}' WHERE link_seq = %s", known.seq)
        assert "was changed: it has not exactly the fields" in do.report()


def test_a_checkpoint_of_somebody_elses_key_is_found():
    deeds()
    known, key = saved(), Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    forged = replace(known, public_key=signatures.encode(public), fingerprint=signatures.fingerprint(public)).signed(
        key
    )
    assert forged.is_authentic()
    assert not replace(forged, fingerprint=known.fingerprint).signed(key).is_authentic()
    assert "a key that is not the trail's" in "\n".join(verification.run([forged]).faults)


def test_another_key_than_the_pinned_one_is_found():
    deeds()
    assert "The pinned key" in "\n".join(verification.run(pinned=secrets.token_hex(32)).faults)


def test_a_rotation_is_endorsed_and_on_the_trail_and_either_key_may_be_pinned():
    deeds()
    before = saved()
    public = signing.rotate(settings.TRAIL_KEY, {"command": "test"})
    deeds()
    after = saved()
    assert (before.fingerprint, after.fingerprint) == (public.previous, public.fingerprint)
    for pinned in (before.fingerprint, after.fingerprint, None):
        report = verification.run([before, after], pinned)
        assert report.is_ok, report.lines()
    entry = Entry.objects.filter(verb="trail.key").latest("id")
    assert entry.after == {"fingerprint": public.fingerprint, "is_endorsed": True}
    assert (entry.before, entry.category) == ({"fingerprint": before.fingerprint}, "system")


def test_a_rotation_that_is_not_endorsed_is_found_unless_that_key_is_pinned():
    deeds()
    pinned = signing.rotate(settings.TRAIL_KEY, {"command": "test"}).fingerprint
    with thief() as do:
        do("UPDATE audit_key SET endorsement = sha512('') WHERE fingerprint = %s", pinned)
        assert "is not endorsed by the key before it" in do.report()
        do("UPDATE audit_key SET endorsement = NULL WHERE fingerprint = %s", pinned)
        assert "is not endorsed by the key before it" in do.report()
        assert do.report(pinned=pinned) == ""
        do("UPDATE audit_key SET since = since || ' ' WHERE fingerprint = %s", pinned)
        assert "its own signature does not fit" in do.report()
        do("UPDATE audit_key SET previous = NULL WHERE fingerprint = %s", pinned)
        assert "does not follow the key before it" in do.report()


@pytest.mark.parametrize("column", ["workspace = gen_random_uuid()", "public_key = sha256(public_key)"])
def test_a_changed_key_is_found(column):
    deeds()
    with thief() as do:
        do(f"UPDATE audit_key SET {column} WHERE id = (SELECT min(id) FROM audit_key)")
        assert "Key 1 (" in do.report()
        assert "was changed: its own signature does not fit" in do.report()


def test_a_key_of_another_workspace_is_found_however_well_it_is_endorsed():
    one, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    first = keys.introduce(str(uuid.uuid4()), timezone.now(), one, None, None)
    second = keys.introduce(str(uuid.uuid4()), timezone.now(), other, first, one)
    assert keys.faults([first, second], None) == [f"Key 2 ({second.fingerprint}) belongs to another workspace."]


def test_a_rotation_after_the_clock_was_set_back_is_no_forgery(monkeypatch):
    """The checkpoints of the hour before are as good as ever; of a key that is lost nobody's word counts."""
    deeds()
    known = saved()
    later = (timezone.now() + timedelta(hours=1)).isoformat(timespec="microseconds")
    monkeypatch.setattr(signing, "_now", lambda: later)
    deeds()
    ahead = saved()
    monkeypatch.undo()
    public = signing.rotate(settings.TRAIL_KEY, {"command": "test"})
    assert public.since == ahead.at
    deeds()
    report = verification.run([known, ahead, saved()])
    assert report.is_ok, report.lines()


def test_a_lost_key_is_followed_by_one_that_has_to_be_pinned(tmp_path):
    deeds()
    with transaction.atomic(using="audit"):
        public = signing.rotate(tmp_path / "trail.pem", {"command": "test"}, is_lost=True)
        signing.sign(tmp_path / "trail.pem")
        connections["audit"].check_constraints()
        assert "is not endorsed by the key before it" in "\n".join(verification.look("audit").faults)
        assert verification.look("audit", pinned=public.fingerprint).is_ok
        transaction.set_rollback(True, using="audit")


def test_a_retired_key_signs_no_more():
    deeds()
    old = signing.open_key(settings.TRAIL_KEY)[0]
    signing.rotate(settings.TRAIL_KEY, {"command": "test"})
    known = saved()
    public = old.public_key().public_bytes_raw()
    late = replace(
        known,
        at=(timezone.now() + timedelta(minutes=1)).isoformat(timespec="microseconds"),
        public_key=signatures.encode(public),
        fingerprint=signatures.fingerprint(public),
    ).signed(old)
    assert "retired before" in "\n".join(verification.run([late]).faults)


def test_the_clock_verifies_and_erases():
    deeds()
    planned = {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.verify_trail.name, tasks.expire_origins.name} <= planned
    count = Verification.objects.count()
    tasks.verify_trail()
    assert Verification.objects.count() == count + 1
    tasks.expire_origins()
    assert Personal.objects.filter(part="origin").exists()


def test_without_a_role_that_may_nothing_is_erased_and_that_is_said(monkeypatch, caplog):
    monkeypatch.delitem(settings.DATABASES, "retention")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_RETENTION_URL"):
        personal.erase(1)
    tasks.expire_origins()
    assert "DATABASE_RETENTION_URL is not set" in caplog.text


def _verify(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_reports_keeps_what_it_found_and_answers_by_its_exit_code(tmp_path):
    deeds()
    file = tmp_path / "checkpoints"
    file.write_text(f"{saved().line()}\n\n{saved().line()}\n")
    code, text = _verify(str(file), "--fingerprint", saved().fingerprint.upper())
    assert (code, "The trail is whole." in text) == (0, True)
    assert saved().fingerprint in text
    kept = Verification.objects.latest("id")
    assert (kept.is_ok, kept.detail.strip()) == (True, text.strip())
    assert Entry.objects.filter(verb="trail.verify").latest("id").after["is_ok"] is True
    assert verification.latest() == kept

    file.write_text(replace(saved(), hash="0" * 64).line())
    code, text = _verify(str(file))
    assert (code, "The trail is NOT whole." in text) == (1, True)
    assert Verification.objects.latest("id").is_ok is False


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "no checkpoint in"),
        ("hello", "Line 1 is no checkpoint: it is no JSON"),
        ("{}", "has not exactly the fields"),
        ("[" * 3000, "it is no JSON"),
        (b"\xff\xfe", "is no text"),
    ],
)
def test_a_file_that_is_none_is_answered_in_a_sentence(tmp_path, content, sentence):
    file = tmp_path / "checkpoints"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CommandError, match=sentence):
        call_command("verify", str(file))
    with pytest.raises(CommandError, match="can't be read"):
        call_command("verify", str(tmp_path / "nowhere"))


def test_a_checkpoint_is_read_back_and_nothing_like_it():
    deeds()
    known = saved()
    assert list(parse_lines([known.line()])) == [known]
    document = json.loads(known.line())
    for name, value in (("seq", "1"), ("seq", True), ("version", 2), ("workspace", "here"), ("hash", None)):
        with pytest.raises(Malformed):
            parse(json.dumps(document | {name: value}))


def test_what_is_personal_expires_and_is_erased_and_the_trail_stays_whole():
    subject, actor = secrets.randbits(40), secrets.randbits(40)
    entry = trail.record(
        actor=actor, verb="user.change", target=f"user:{subject}", after={"name": "A", "n": 1}, origin={"ip": "::1"}
    )
    (read,) = personal.of([Entry.objects.get(pk=entry.pk)])
    assert (read.after, read.origin, read.erased) == ({"name": "A", "n": 1}, {"ip": "::1"}, [])
    assert personal.expire_origins(entry.at - timedelta(days=1)) == 0
    assert Entry.objects.get(pk=entry.pk).origin == {"ip": "::1"}
    assert personal.expire_origins(timezone.now()) >= 1
    read = Entry.objects.get(pk=entry.pk)
    assert (read.after, read.origin, read.erased) == ({"name": "A", "n": 1}, {"ip": None}, ["/origin/ip"])
    assert personal.erase(subject) == 1
    read = Entry.objects.get(pk=entry.pk)
    assert (read.after, read.erased) == ({"name": None, "n": 1}, ["/after/name", "/origin/ip"])
    report = verification.run()
    assert report.is_ok, report.lines()
    assert report.tally.erased >= 2
    assert Key.objects.exists() or report.fingerprint is None
