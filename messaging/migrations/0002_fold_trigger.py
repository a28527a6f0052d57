"""The trigger that folds changing events into the rows which a page of history and the rights read.

It runs in the transaction of the event, row by row in the order of the log, through whichever door the event came.
A plain message costs nothing: the trigger's WHEN lets it pass.
"""

from django.db import migrations

CREATE = r"""
alter table head set (fillfactor = 50);
alter table membership set (fillfactor = 80);
alter table membership alter column spans set not null;

create function react(reactions jsonb, emoji text, person bigint, is_on boolean) returns jsonb
language sql immutable as $$
    with one as (
        select o, r ->> 'emoji' as emoji, r -> 'users' as users
        from jsonb_array_elements(reactions) with ordinality as t(r, o)
        union all
        select 1000000, $2, '[]' where not exists (select from jsonb_array_elements($1) r where r ->> 'emoji' = $2)
    ), changed as (
        select o, emoji, case
            when emoji <> $2 then users
            when is_on and users @> to_jsonb(person) then users
            when is_on then users || to_jsonb(person)
            else (select coalesce(jsonb_agg(u order by n), '[]')
                  from jsonb_array_elements(users) with ordinality as x(u, n) where u <> to_jsonb(person))
        end as users
        from one
    )
    select coalesce(jsonb_agg(jsonb_build_object('emoji', emoji, 'users', users) order by o), '[]')
    from changed where jsonb_array_length(users) > 0
$$;

create function fold_event() returns trigger language plpgsql as $$
declare
    said timestamptz := coalesce(new.said_at, new.at);
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
        set body = null, edited_at = null, reactions = '[]', deleted_at = said, deleted_by = new.author_id
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
            react('[]', new.payload ->> 'emoji', new.author_id, (new.payload ->> 'on')::boolean))
        on conflict (conversation_id, seq) do update
        set reactions = react(s.reactions, new.payload ->> 'emoji', new.author_id, (new.payload ->> 'on')::boolean)
        where s.deleted_at is null;
    when 'join' then
        insert into membership as m (conversation_id, person_id, role, spans, read_seq, read_n)
        values (new.conversation_id, (new.payload ->> 'member')::bigint, coalesce(new.payload ->> 'role', 'member'),
            int8multirange(int8range(coalesce((new.payload ->> 'from')::bigint, new.seq), null)), new.seq, new.n)
        on conflict (conversation_id, person_id) do update
        set spans = m.spans + excluded.spans, role = excluded.role, read_seq = new.seq, read_n = new.n;
    when 'leave' then
        update membership set spans = spans * int8multirange(int8range(null, new.seq, '[]'))
        where conversation_id = new.conversation_id and person_id = (new.payload ->> 'member')::bigint;
    when 'role' then
        update membership set role = new.payload ->> 'role'
        where conversation_id = new.conversation_id and person_id = (new.payload ->> 'member')::bigint;
    when 'rename' then
        update conversation set name = new.payload ->> 'name' where id = new.conversation_id;
    when 'topic' then
        update conversation set topic = new.payload ->> 'topic' where id = new.conversation_id;
    when 'purpose' then
        update conversation set purpose = new.payload ->> 'purpose' where id = new.conversation_id;
    when 'archive' then
        update conversation set archived_at = case when (new.payload ->> 'on')::boolean then said end
        where id = new.conversation_id;
    else
        null;
    end case;
    return null;
end
$$;

create trigger event_folded after insert on event for each row
when (new.kind <> 'message' or new.thread is not null) execute function fold_event();
"""

DROP = """
drop trigger event_folded on event;
drop function fold_event();
drop function react(jsonb, text, bigint, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
