"""What each call asks of whoever calls: a verb of `accounts.authority.verbs`, declared by the view for each method."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import actor, rights
from accounts.refusal import Refusal
from messaging.protocol.codec import Refused


class MayDo(BasePermission):
    """Lets through who may do the verb that the view's `verbs` name for the method; nobody where it names none."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Ask `accounts.rights`. Raises Refused with its sentence; False stands for somebody not signed in."""
        if not request.user.is_authenticated:
            return False
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method == "OPTIONS" or not hasattr(view, method.lower()):
            return True  # the framework's own answers: what there is, and that there is no such method
        verb = getattr(view, "verbs", {}).get(method)
        if verb is None:
            raise Refused("forbidden", "This call is open to nobody: it names no verb.")
        try:
            rights.check(actor.of_request(request), verb)
        except Refusal as refusal:
            raise Refused("forbidden", refusal.detail) from None
        return True
