"""The shell in which the client runs, and where its build put its files."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from accounts import workspace

#: The scripts of Django's own pages (`client/src/pages/`).
SCRIPTS = ("passkeys", "recovery", "idle")


@cache
def manifest() -> dict[str, Any]:
    """Read Vite's manifest; empty where the client was not built."""
    path = settings.CLIENT_DIST / ".vite" / "manifest.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def entry(source: str) -> dict[str, Any]:
    """Give the addresses of an entry's script, of the scripts that it begins with, and of its stylesheets."""
    chunk = manifest().get(source, {})
    file = chunk.get("file", "")
    styles = [*chunk.get("css", []), *([file] if file.endswith(".css") else [])]
    return {
        "js": static(file) if file.endswith(".js") else "",
        "parts": [static(manifest()[part]["file"]) for part in chunk.get("imports", [])],
        "css": [static(style) for style in styles],
    }


def stylesheets(request: HttpRequest) -> dict[str, Any]:
    """Tell Django's own pages where their stylesheet and their scripts are (a context processor).

    And after how long without a touch they show the sign-in page; 0 for never.
    """
    return {
        "pages_css": entry("src/styles/pages.css")["css"],
        "pages_js": {name: _script(name) for name in SCRIPTS},
        "idle_minutes": workspace.value("idle_minutes"),
    }


def _script(name: str) -> str:
    return str(entry(f"src/pages/{name}.ts")["js"])


@require_GET
@login_required
@ensure_csrf_cookie
def shell(request: HttpRequest, **_place: int) -> HttpResponse:
    """Serve the client: what is shown is decided in the browser, from the address."""
    context = {
        "entry": entry("src/main.tsx"),
        "workspace": workspace.display_name(),
        "versions": workspace.value("edit_history"),
        "private_mode": workspace.value("private_mode"),
    }
    return render(request, "client.html", context)
