"""Parley's addresses and one more: a view that gives back the bytes that were put there, as the API gives its own."""

from typing import ClassVar

import msgspec
from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatproject import urls


class SameBytes(APIView):
    """Bytes in memory, behind the API's own authentication, middleware and renderer."""

    verbs: ClassVar = {"GET": "conversation.read", "PUT": "conversation.read"}
    kept = msgspec.Raw(b"null")

    def get(self, request: Request) -> Response:
        """Give them."""
        return Response(SameBytes.kept)

    def put(self, request: Request) -> Response:
        """Keep others from now on."""
        SameBytes.kept = msgspec.Raw(request.body)
        return Response(status=204)


urlpatterns: list[URLPattern | URLResolver] = [*urls.urlpatterns, path("api/v1/same-bytes", SameBytes.as_view())]
