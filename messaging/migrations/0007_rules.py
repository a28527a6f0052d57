"""Rules of a conversation, bans, pins, and until when an event is shown; with the trigger that folds them."""

from importlib import import_module

from django.db import migrations, models

FOLD = r"""
create or replace function fold_event() returns trigger language plpgsql as $$
declare
    said timestamptz := coalesce(new.said_at, new.at);
    is_on boolean := (new.payload ->> 'on')::boolean;
    who bigint := (new.payload ->> 'member')::bigint;
    root bigint;
begin
    case new.kind
    when 'message' then
        insert into message_state as s (conversation_id, seq, replies, last_reply_at)
        values (new.conversation_id, new.thread, 1, said)
        on conflict (conversation_id, seq) do update set replies = s.replies + 1, last_reply_at = said;
    when 'edit' then
        insert into message_state as s (conversation_id, seq, body, edited_at)
        values (new.conversation_id, new.target, new.body, said)
        on conflict (conversation_id, seq) do update set body = new.body, edited_at = said
        where s.deleted_at is null;
    when 'delete' then
        insert into message_state as s (conversation_id, seq, deleted_at, deleted_by)
        values (new.conversation_id, new.target, said, new.author_id)
        on conflict (conversation_id, seq) do update
        set body = null, edited_at = null, reactions = '[]', pinned_at = null, pinned_by = null, deleted_at = said,
            deleted_by = new.author_id
        where s.deleted_at is null;
        if found then
            select thread into root from event where conversation_id = new.conversation_id and seq = new.target;
            if root is not null then
                update message_state set replies = replies - 1
                where conversation_id = new.conversation_id and seq = root;
            end if;
        end if;
    when 'react' then
        insert into message_state as s (conversation_id, seq, reactions)
        values (new.conversation_id, new.target,
            react('[]', new.payload ->> 'emoji', new.author_id, is_on))
        on conflict (conversation_id, seq) do update
        set reactions = react(s.reactions, new.payload ->> 'emoji', new.author_id, is_on)
        where s.deleted_at is null;
    when 'pin' then
        insert into message_state as s (conversation_id, seq, pinned_at, pinned_by)
        values (new.conversation_id, new.target, case when is_on then said end, case when is_on then new.author_id end)
        on conflict (conversation_id, seq) do update
        set pinned_at = case when is_on then coalesce(s.pinned_at, said) end,
            pinned_by = case when is_on then coalesce(s.pinned_by, new.author_id) end
        where s.deleted_at is null;
    when 'join' then
        insert into membership as m (conversation_id, person_id, role, spans, read_seq, read_n)
        values (new.conversation_id, who, coalesce(new.payload ->> 'role', 'member'),
            int8multirange(int8range(coalesce((new.payload ->> 'from')::bigint, new.seq), null)), new.seq, new.n)
        on conflict (conversation_id, person_id) do update
        set spans = m.spans + excluded.spans, role = excluded.role, read_seq = new.seq, read_n = new.n;
    when 'leave' then
        update membership set spans = spans * int8multirange(int8range(null, new.seq, '[]'))
        where conversation_id = new.conversation_id and person_id = who;
    when 'role' then
        update membership set role = new.payload ->> 'role'
        where conversation_id = new.conversation_id and person_id = who;
    when 'rename' then
        update conversation set name = new.payload ->> 'name' where id = new.conversation_id;
    when 'topic' then
        update conversation set topic = new.payload ->> 'topic' where id = new.conversation_id;
    when 'purpose' then
        update conversation set purpose = new.payload ->> 'purpose' where id = new.conversation_id;
    when 'archive' then
        update conversation set archived_at = case when is_on then said end
        where id = new.conversation_id;
    when 'private' then
        update conversation set is_private = is_on where id = new.conversation_id;
    when 'rules' then
        update conversation set
            is_read_only = coalesce((new.payload ->> 'read_only')::boolean, is_read_only),
            slow_s = coalesce((new.payload ->> 'slow_s')::integer, slow_s),
            disappears_s = coalesce((new.payload ->> 'disappears_s')::integer, disappears_s),
            disappearing_since = case when (new.payload ->> 'disappears_s')::integer > 0
                then coalesce(disappearing_since, new.at) else disappearing_since end,
            history = coalesce(new.payload ->> 'history', history),
            edits_s = case when new.payload ? 'edits_s' then (new.payload ->> 'edits_s')::integer else edits_s end
        where id = new.conversation_id;
    when 'mute' then
        update membership set muted_until = (new.payload ->> 'until')::timestamptz
        where conversation_id = new.conversation_id and person_id = who;
    when 'ban' then
        if is_on then
            insert into ban (conversation_id, person_id, by_id, at)
            values (new.conversation_id, who, new.author_id, new.at) on conflict do nothing;
        else
            delete from ban where conversation_id = new.conversation_id and person_id = who;
        end if;
    else
        null;
    end case;
    return null;
end
$$;
"""

_first = import_module("messaging.migrations.0002_fold_trigger").CREATE
#: The function as it was before.
FORMER = _first[_first.index("create function fold_event()") : _first.index("create trigger")].replace(
    "create function", "create or replace function"
)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0006_thread_follow'),
    ]

    operations = [
        migrations.CreateModel(
            name='Ban',
            fields=[
                ('pk', models.CompositePrimaryKey('conversation_id', 'person_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('conversation_id', models.BigIntegerField()),
                ('person_id', models.BigIntegerField()),
                ('by_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ban',
            },
        ),
        migrations.CreateModel(
            name='Pace',
            fields=[
                ('pk', models.CompositePrimaryKey('conversation_id', 'person_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('conversation_id', models.BigIntegerField()),
                ('person_id', models.BigIntegerField()),
                ('said_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'pace',
            },
        ),
        migrations.AddField(
            model_name='conversation',
            name='disappearing_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='conversation',
            name='disappears_s',
            field=models.IntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name='conversation',
            name='edits_s',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='conversation',
            name='history',
            field=models.CharField(max_length=8, null=True),
        ),
        migrations.AddField(
            model_name='conversation',
            name='is_read_only',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='conversation',
            name='slow_s',
            field=models.IntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name='event',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='messagestate',
            name='pinned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='messagestate',
            name='pinned_by',
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunSQL(FOLD, FORMER),
    ]
