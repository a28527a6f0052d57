"""Every test runs on a real PostgreSQL and a real Valkey, as the application's own role, with real commits.

There is no rollback: that role can't delete from the log. A test makes its own people and conversations.
"""

import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright
from pytest_django import DjangoDbBlocker

from chatproject import smtp
from tests.browser.chromium import ARGUMENTS
from tests.browser.chromium import find as find_chromium
from tests.parts import Cluster, Worker
from tests.post import MailServer
from tests.serving import Serve, Server

_CLUSTER = "PARLEY_TEST_CLUSTER"
_worker = pytest.StashKey[Worker]()
_cluster = pytest.StashKey[Cluster]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the parts, before anything reads Django's settings.

    Workers of xdist are processes of their own, with the controller's environment: so the controller, which runs no
    test, sets nothing of Django's there, or they would read the settings before they have parts of their own.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        cluster = Cluster(Path(os.environ[_CLUSTER]))
    else:
        cluster = config.stash[_cluster] = Cluster.start()
        os.environ[_CLUSTER] = str(cluster.folders.data)
        if config.getoption("numprocesses", None):
            os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # the Celery application has set it
            return
    config.stash[_worker] = Worker(cluster, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    import django

    django.setup()
    from django.contrib.auth.hashers import Argon2PasswordHasher

    # In this process alone (servers keep theirs): made at its real cost, hashes are a fifth of the run's time.
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what was started, whatever the tests did."""
    if worker := config.stash.get(_worker, None):
        worker.stop()
    if cluster := config.stash.get(_cluster, None):
        cluster.stop()


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Leave pytest-django's own test database out: the worker's is there already."""


@pytest.fixture(scope="session", autouse=True)
def _database_open(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def _no_guess_is_counted(_database_open: None) -> None:
    """Begin without wrong passwords: they are counted by address, and all tests come from one."""
    from django.db import connection  # late: this file is read before Django is set up

    with connection.cursor() as cursor:
        cursor.execute("delete from axes_accessattempt")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The worker's `PARLEY_DATA`."""
    return Path(os.environ["PARLEY_DATA"])


@pytest.fixture
def server(data_folder: Path) -> Iterator[Serve]:
    """Start web processes: `server()`, `server(workers=2)`, `server(PARLEY_NAME="Acme")`; they end with the test."""
    with contextlib.ExitStack() as stack:

        def serve(workers: int = 1, hurried: Mapping[str, float] | None = None, **environment: str) -> Server:
            started = Server(data_folder / "log", workers, hurried, **environment)
            stack.callback(started.stop)
            return started.start()

        yield serve


@pytest.fixture(scope="session")
def site(data_folder: Path) -> Iterator[Server]:
    """One web process for all tests of the worker that don't disturb it."""
    started = Server(data_folder / "log")
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture
def post(settings: Any, tmp_path: Path) -> Iterator[MailServer]:
    """A mail server that gets what is sent; `deliver()` of tests.post sends what waits in the queue."""
    mail_server = MailServer()
    for name, value in smtp.settings(f"smtp+plain://127.0.0.1:{mail_server.port}", tmp_path).items():
        setattr(settings, name, value)
    settings.IS_RATE_LIMITED = False
    yield mail_server
    mail_server.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser; `await browser.new_context()` is one person's."""
    chromium = find_chromium()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium.path, args=ARGUMENTS, env={**os.environ, **chromium.environment}
        )
        yield launched
        await launched.close()
