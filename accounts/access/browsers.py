"""What a browser says it is, in words: `Firefox on Linux`."""

import re

from django.utils.translation import gettext as _

#: In this order: most browsers also claim to be those that come after them.
_BROWSERS = (
    (r"\bEdgA?(?:iOS)?/", "Edge"),
    (r"\bOPR/|\bOpera\b", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bVivaldi/", "Vivaldi"),
    (r"\bFirefox/|\bFxiOS/", "Firefox"),
    (r"\bChrome/|\bCriOS/|\bChromium/|\bHeadlessChrome/", "Chrome"),
    (r"\bVersion/[\d.]+ .*Safari/", "Safari"),
    (r"^curl/", "curl"),
    (r"^python-|^Python/", "Python"),
)
_SYSTEMS = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bWindows\b", "Windows"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bMacintosh\b|\bMac OS X\b", "macOS"),
    (r"\bLinux\b|\bX11\b", "Linux"),
)
#: More of it is not looked at.
LOOKED_AT = 256


def _first(patterns: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in patterns if re.search(pattern, text)), "")


def describe(device: str) -> str:
    """Name the browser and the system of a `User-Agent`; a plain word where neither is known."""
    text = device[:LOOKED_AT]
    browser, system = _first(_BROWSERS, text), _first(_SYSTEMS, text)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")
