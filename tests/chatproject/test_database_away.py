"""Pages and calls while the database is away: 503, which says that trying again helps, and no fault of ours."""

import asyncio

import httpx

from tests.serving import Serve

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
