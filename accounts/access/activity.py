"""When somebody last did anything: noted seldom, and never by waiting for a lock."""

#: A session's or a token's use is noted at most this often.
WRITTEN_EVERY_S = 60
#: A person's at most this often.
ACTIVE_EVERY = "1 hour"

#: A part of a statement: notes the people (`user_id`) of a part named `used` as active.
MARK_USED = f"""
active as (
    update "user" set last_active_at = now() where id in (
        select id from "user" where id in (select user_id from used)
        and (last_active_at is null or last_active_at < now() - interval '{ACTIVE_EVERY}')
        for no key update skip locked)
)
"""
