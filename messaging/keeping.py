"""How much of one's own is kept: of each kind so many, and the append refuses what would be one more.

What takes back or replaces is never too much. A batch's new keys are counted in their order, each once: all, also
those that are refused for another reason, so that the bound is never passed.
"""

from messaging.protocol.limits import KEPT

#: What a command `i` speaks of, as the trigger `fold_personal` calls it.
_KEY = """case i.kind
        when 'draft' then (i.payload ->> 'where') || coalesce('/' || (i.payload ->> 'thread'), '')
        when 'save' then (i.payload ->> 'where') || '/' || (i.payload ->> 'message')
        when 'follow' then (i.payload ->> 'where') || '/' || (i.payload ->> 'root')
        when 'seen' then (i.payload ->> 'where') || '/' || (i.payload ->> 'root')
        when 'level' then i.payload ->> 'where'
        when 'prefer' then i.payload ->> 'name'
        when 'block' then i.payload ->> 'person'
        when 'schedule' then i.payload ->> 'schedule' end"""
_IS_GONE = """case i.kind
        when 'draft' then i.body is null
        when 'save' then not (i.payload ->> 'on')::boolean
        when 'block' then not (i.payload ->> 'on')::boolean
        when 'level' then i.payload ->> 'level' = 'all'
        when 'prefer' then not i.payload ? 'value'
        else false end"""
_MOST = "case {of}.kind " + " ".join(f"when '{kind}' then {most}" for kind, most in KEPT.items()) + " end"
_KINDS = ", ".join(f"'{kind}'" for kind in KEPT)

#: Parts of the append that count. Nobody's rows are counted but where something is added, once a person and kind, and
#: no more than it takes to tell.
COUNTED = f"""more as materialized (
    select * from (select i.nth, i.author_id, i.kind, {_KEY} as key from input i
        where i.kind in ({_KINDS}) and not {_IS_GONE}) said
    where not exists (
        select from personal_state p where p.person_id = said.author_id and p.kind = said.kind and p.key = said.key)
), ranked as (
    select author_id, kind, key, row_number() over (partition by author_id, kind order by min(nth)) as rank
    from more group by author_id, kind, key
), kept as materialized (
    select author_id, kind, (
        select count(*) from (
            select from personal_state p where p.person_id = added.author_id and p.kind = added.kind
            limit {_MOST.format(of="added")}) found
    ) as count
    from (select distinct author_id, kind from more) added
), beyond as materialized (
    select more.nth from more join ranked using (author_id, kind, key) join kept using (author_id, kind)
    where kept.count + ranked.rank > {_MOST.format(of="more")}
)"""
#: Whether a row of `input` is one more than is kept of its kind.
IS_TOO_MUCH = "input.nth in (select nth from beyond)"
