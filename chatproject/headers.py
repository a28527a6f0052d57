"""What every answer says to the browser that no setting of Django's does; `settings.py` has the rest."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

#: What a page of ours may ask the browser for: passkeys and writing to the clipboard, and nothing that watches.
_ALLOWED = ("clipboard-write", "fullscreen", "publickey-credentials-create", "publickey-credentials-get")
_REFUSED = """
    accelerometer browsing-topics camera clipboard-read display-capture geolocation gyroscope hid
    idle-detection local-fonts magnetometer microphone midi payment serial usb xr-spatial-tracking
"""
PERMISSIONS = ", ".join([f"{name}=()" for name in _REFUSED.split()] + [f"{name}=(self)" for name in _ALLOWED])


class HeadersMiddleware(MiddlewareMixin):
    """Sets them, on files as on pages; it stands outside of WhiteNoise and inside of django-csp."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add what the answer does not say already."""
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # A page or a call shows what is somebody's; files carry a time of their own, by WhiteNoise.
        response.setdefault("Cache-Control", "no-store")
        return response
