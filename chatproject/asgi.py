"""The ASGI application: HTTP is Django's but for the ways in, `/ws/` is the socket's consumer."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

http = get_asgi_application()

from messaging.ways.routes import beside  # noqa: E402 - models need Django to be set up
from messaging.ways.socket import SocketConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {"http": beside(http), "websocket": URLRouter([path("ws/", SocketConsumer.as_asgi())])}
)
