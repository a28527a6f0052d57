"""Where an address is, in words, by a database in MaxMind's format that the operator names."""

import logging
from functools import cache
from typing import Any

import maxminddb
from django.conf import settings

logger = logging.getLogger(__name__)
LENGTH = 128


@cache
def _database(path: str) -> maxminddb.Reader | None:
    try:
        return maxminddb.open_database(path)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        logger.warning("PARLEY_GEOIP: %s can't be read: %s", path, error)
        return None


def of_address(address: str) -> str:
    """Say where an address is, such as `Zürich, Switzerland`; nothing where that is not known."""
    database = _database(settings.GEOIP_PATH) if settings.GEOIP_PATH and address else None
    if database is None:
        return ""
    try:
        found: Any = database.get(address)
    except ValueError:  # an IPv6 address, and a database of IPv4
        return ""
    parts = (_name(found, "city"), _name(found, "country"))
    return ", ".join(part for part in parts if part)[:LENGTH]


def _name(found: Any, part: str) -> str:
    names = found.get(part, {}).get("names", {}) if isinstance(found, dict) else {}
    return str(names.get("en", ""))
