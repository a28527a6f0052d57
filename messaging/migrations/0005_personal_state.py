import django.db.models.fields.json
from django.db import migrations, models

#: A trigger of its own: what is said in rooms does not wake it, and the fold of rooms knows nothing of it.
CREATE = r"""
create function fold_personal() returns trigger language plpgsql as $$
declare
    said jsonb := coalesce(new.payload, '{}');
    about text := said ->> 'where';
    of_kind text := case when new.kind = 'unschedule' then 'schedule' else new.kind end;
    called text := case new.kind
        when 'draft' then about || coalesce('/' || (said ->> 'thread'), '')
        when 'save' then about || '/' || (said ->> 'message')
        when 'follow' then about || '/' || (said ->> 'root')
        when 'seen' then about || '/' || (said ->> 'root')
        when 'level' then about
        when 'prefer' then said ->> 'name'
        when 'block' then said ->> 'person'
        when 'status' then ''
        else said ->> 'schedule'
    end;
    is_gone boolean := case new.kind
        when 'draft' then new.body is null
        when 'save' then not (said ->> 'on')::boolean
        when 'block' then not (said ->> 'on')::boolean
        when 'level' then said ->> 'level' = 'all'
        when 'prefer' then not said ? 'value'
        when 'status' then coalesce(said ->> 'emoji', '') = '' and coalesce(said ->> 'text', '') = ''
        else new.kind = 'unschedule'
    end;
begin
    if is_gone then
        delete from personal_state where person_id = new.author_id and kind = of_kind and key = called;
    else
        insert into personal_state as s (person_id, kind, key, seq, value)
        values (new.author_id, of_kind, called, new.seq,
            case when new.body is null then said else said || jsonb_build_object('body', new.body) end)
        on conflict (person_id, kind, key) do update set seq = excluded.seq, value = excluded.value
        where of_kind <> 'seen' or (excluded.value ->> 'read')::bigint > (s.value ->> 'read')::bigint;
    end if;
    return null;
end
$$;

create trigger event_folded_personal after insert on event for each row
when (new.kind in ('draft', 'save', 'follow', 'seen', 'level', 'prefer', 'block', 'status', 'schedule', 'unschedule'))
execute function fold_personal();
"""

DROP = """
drop trigger event_folded_personal on event;
drop function fold_personal();
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_receipt_times")]

    operations = [
        migrations.CreateModel(
            name="PersonalState",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "kind", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("seq", models.BigIntegerField()),
                ("value", models.JSONField()),
            ],
            options={
                "db_table": "personal_state",
                "indexes": [
                    models.Index(
                        django.db.models.fields.json.KeyTextTransform("due_at", "value"),
                        condition=models.Q(("kind", "schedule")),
                        name="personal_state_due",
                    )
                ],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
