from django.db import migrations, models

#: Who says something in a thread follows it, whose message it is about, and whom it mentions. A plain message, which is
#: in no thread, does not wake the trigger.
CREATE = r"""
create function follow_thread() returns trigger language plpgsql as $$
begin
    insert into thread_follow (person_id, conversation_id, root)
    select new.author_id, new.conversation_id, new.thread
    union
    select author_id, new.conversation_id, new.thread from event
    where conversation_id = new.conversation_id and seq = new.thread
    union
    select m.person_id, new.conversation_id, new.thread
    from jsonb_array_elements(new.payload -> 'mentions') who
    join membership m on m.conversation_id = new.conversation_id and m.person_id = (who #>> '{}')::bigint
        and upper_inf(m.spans)
    where jsonb_typeof(who) = 'number'
    on conflict do nothing;
    return null;
end
$$;

create trigger event_thread_followed after insert on event for each row
when (new.kind = 'message' and new.thread is not null) execute function follow_thread();

insert into thread_follow (person_id, conversation_id, root)
select author_id, conversation_id, thread from event where thread is not null
union
select root.author_id, e.conversation_id, e.thread from event e
join event root on root.conversation_id = e.conversation_id and root.seq = e.thread where e.thread is not null
union
select a.person_id, e.conversation_id, e.thread from mention a
join event e on e.conversation_id = a.conversation_id and e.seq = a.seq
where a.person_id is not null and e.thread is not null
on conflict do nothing;
"""

DROP = """
drop trigger event_thread_followed on event;
drop function follow_thread();
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0005_personal_state")]

    operations = [
        migrations.CreateModel(
            name="ThreadFollow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "conversation_id", "root", blank=True, editable=False, primary_key=True,
                        serialize=False,
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("conversation_id", models.BigIntegerField()),
                ("root", models.BigIntegerField()),
            ],
            options={"db_table": "thread_follow"},
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
