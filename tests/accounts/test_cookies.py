"""The flags of cookies, with TLS and without."""

import os
import subprocess
import sys

import pytest
from django.test import Client

from chatproject.places import ROOT
from tests.worlds import PASSWORD, person

_SHOWN = """
import django; django.setup()
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE, s.SESSION_COOKIE_PATH,
      s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN)
"""


@pytest.mark.parametrize(
    ("tls", "shown"),
    [
        ("1", "__Host-sessionid __Host-csrftoken True True True Lax Lax / None None"),
        ("", "sessionid csrftoken False False True Lax Lax / None None"),
    ],
)
def test_what_is_set_by_tls(tls, shown):
    environment = os.environ | {"PARLEY_TLS": tls, "DJANGO_SETTINGS_MODULE": "chatproject.settings"}
    made = subprocess.run(
        [sys.executable, "-c", _SHOWN], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == shown


def test_with_tls_the_browser_is_given_cookies_of_this_host_alone(settings):
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    alice = person("alice", password=PASSWORD)
    client = Client()
    client.get("/signin/", secure=True)
    client.post("/signin/", {"username": alice.username, "password": PASSWORD}, secure=True)
    for name, is_hidden in (("__Host-sessionid", True), ("__Host-csrftoken", "")):
        cookie = client.cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, is_hidden, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert client.get("/api/v1/me", secure=True).status_code == 200
