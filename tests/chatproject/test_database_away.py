"""Pages and calls while the database is away: 503, which says that trying again helps, and no fault of ours."""

import asyncio

import httpx

from accounts.postgresql.base import REST_S
from tests.messaging.hub.test_database_hangs import by, line
from tests.messaging.log.line import Line
from tests.serving import Serve

__all__ = ["line"]

NOWHERE = "postgresql://parley_app:x@/parley?host=/nonexistent"
#: Of somebody who is signed in, as far as the browser knows: it is looked up before any view runs.
SESSION = {"sessionid": "a" * 32}


async def test_unavailable(server: Serve) -> None:
    served = await asyncio.to_thread(server, DATABASE_URL=NOWHERE)
    async with httpx.AsyncClient(base_url=served.url, cookies=SESSION, timeout=60) as client:
        asked = (client.get(path) for path in ("/", "/api/v1/me", "/health/ready", "/health/live", "/metrics"))
        page, call, ready, live, metrics = await asyncio.gather(*asked)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "The database can’t be reached just now" in page.text
    assert (call.status_code, call.headers["content-type"]) == (503, "application/problem+json")
    assert call.headers["retry-after"] == "1"
    assert (call.json()["code"], call.json()["retry_after"]) == ("unavailable", 1.0)
    assert (ready.status_code, ready.json()["status"], ready.json()["parts"]["database"]) == (
        503,
        "unavailable",
        "down",
    )
    assert live.status_code == 200
    assert 'parley_part_up{part="database"} 0.0' in metrics.text
    assert "parley_mails_waiting" not in metrics.text  # nobody knows


async def test_while_it_hangs_others_do_not_wait_for_who_tries(server: Serve, line: Line) -> None:
    """The first page finds it out; then one at a time tries, the others have their answer at once, until it is back."""
    served = await asyncio.to_thread(server, DATABASE_URL=by(line))
    async with httpx.AsyncClient(base_url=served.url, cookies=SESSION, timeout=60) as client:
        assert (await client.get("/")).status_code == 302
        line.hold()
        while (await client.get("/")).status_code != 503:  # who knows the settings still may ask for nothing
            pass
        await asyncio.sleep(REST_S)  # so that one of these tries
        pages = [asyncio.create_task(client.get("/")) for _ in range(6)]
        while len(waiting := [page for page in pages if not page.done()]) > 1:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert (await client.get("/")).status_code == 503
        assert [page.done() for page in waiting] == [False]
        assert {(await page).status_code for page in pages} == {503}
        line.release()
        async with asyncio.timeout(60):
            while (await client.get("/")).status_code != 302:  # noqa: ASYNC110 - what changes is elsewhere
                await asyncio.sleep(0.1)


async def test_after_a_restart_of_the_server_no_page_fails(server: Serve, line: Line) -> None:
    """What the pool still holds is cut; it is passed over."""
    served = await asyncio.to_thread(server, DATABASE_URL=by(line))
    async with httpx.AsyncClient(base_url=served.url, cookies=SESSION, timeout=60) as client:
        assert (await client.get("/")).status_code == 302
        line.cut()
        assert (await client.get("/")).status_code == 302
