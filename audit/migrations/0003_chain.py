"""The database chains the trail: one link a transaction, at its commit (`docs/decisions/trail.md`)."""

from django.db import migrations

CREATE = r"""
-- The transactions under way that have put something on the trail. No row outlives its transaction.
create unlogged table audit_deed (
    xact xid8 primary key,
    deed uuid not null default gen_random_uuid(),
    is_last boolean not null default false
);

create function audit_microseconds(at timestamptz) returns bytea language sql immutable parallel safe
return int8send((extract(epoch from at) * 1000000)::bigint);

-- A deed is found by its transaction and by nothing that a client can say. Rolled back to a savepoint, its row goes with
-- the entries that it was made for.
create function audit_take_entry() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    select deed into new.deed from public.audit_deed where xact = pg_current_xact_id();
    if not found then
        insert into public.audit_deed (xact) values (pg_current_xact_id()) returning deed into new.deed;
    end if;
    new.at := clock_timestamp();
    new.digest := sha256(public.audit_microseconds(new.at) || convert_to(new.content, 'UTF8'));
    return new;
end $$;

-- At the commit: ask once more, so that the link is made after every other deferred check of this transaction (foreign
-- keys, which may wait for rows of others). Who holds the trail's lock then waits for nobody.
create function audit_ask_again() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.audit_deed set is_last = true where xact = new.xact and deed = new.deed;
    return null;
end $$;

create function audit_link_deed() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    digests bytea;
    made integer;
    head public.audit_link;
    link public.audit_link;
begin
    select sha256(string_agg(digest, ''::bytea order by id)), count(*) into digests, made
    from public.audit_entry where deed = new.deed;
    -- What this transaction may yet put on the trail (after SET CONSTRAINTS) is another deed.
    delete from public.audit_deed where xact = new.xact;
    if made = 0 then
        return null;
    end if;
    perform pg_advisory_xact_lock(7236818340418417510);  -- "dntrail": nobody else uses this number
    -- A statement of its own, after the lock: it sees what the last holder committed.
    select * into head from public.audit_link order by seq desc limit 1;
    link.seq := coalesce(head.seq, 0) + 1;
    link.deed := new.deed;
    link.first := coalesce(head.first + head.entries, 1);
    link.entries := made;
    link.entries_digest := digests;
    link.at := greatest(clock_timestamp(), head.at);
    link.previous := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    link.hash := sha256(
        '\x01'::bytea || link.previous || int8send(link.seq) || int8send(link.first) || int4send(link.entries)
        || public.audit_microseconds(link.at) || link.entries_digest
    );
    insert into public.audit_link select link.* on conflict (seq) do nothing;
    if not found then
        raise exception 'The trail went on while this transaction looked at an older state of it: do it again.'
            using errcode = 'serialization_failure';
    end if;
    return null;
end $$;

create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'The trail is only added to: % of % is refused.', tg_op, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

revoke execute on function audit_take_entry(), audit_ask_again(), audit_link_deed() from public;

create trigger audit_take_entry before insert on audit_entry for each row execute function audit_take_entry();
create constraint trigger audit_ask_again after insert on audit_deed
    deferrable initially deferred for each row execute function audit_ask_again();
create constraint trigger audit_link_deed after update on audit_deed
    deferrable initially deferred for each row execute function audit_link_deed();
create trigger audit_refuse before update or delete or truncate on audit_entry
    for each statement execute function audit_refuse();
create trigger audit_refuse before update or delete or truncate on audit_link
    for each statement execute function audit_refuse();
"""

DROP = r"""
drop trigger audit_refuse on audit_link;
drop trigger audit_refuse on audit_entry;
drop trigger audit_take_entry on audit_entry;
drop table audit_deed;
drop function audit_refuse();
drop function audit_link_deed();
drop function audit_ask_again();
drop function audit_take_entry();
drop function audit_microseconds(timestamptz);
"""


class Migration(migrations.Migration):

    dependencies = [("audit", "0002_content")]

    operations = [migrations.RunSQL(CREATE, DROP)]
