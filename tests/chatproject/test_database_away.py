"""Pages and calls while the database is away: 503, which says that trying again helps, and no fault of ours."""

import httpx

from tests.serving import Serve

NOWHERE = "postgresql://parley_app:x@/parley?host=/nonexistent"
#: Of somebody who is signed in, as far as the browser knows: it is looked up before any view runs.
SESSION = {"sessionid": "a" * 32}


def test_unavailable(server: Serve) -> None:
    served = server(DATABASE_URL=NOWHERE)
    with httpx.Client(base_url=served.url, cookies=SESSION, timeout=60) as client:
        page = client.get("/")
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert "The database can’t be reached just now" in page.text
        call = client.get("/api/v1/me")
        assert (call.status_code, call.headers["content-type"]) == (503, "application/problem+json")
        assert call.headers["retry-after"] == "1"
        assert (call.json()["code"], call.json()["retry_after"]) == ("unavailable", 1.0)
