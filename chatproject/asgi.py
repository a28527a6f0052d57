"""The ASGI application: HTTP is Django's but for the ways in and monitoring, `/ws/` is the socket's consumer."""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

http = get_asgi_application()

from chatproject.probes import routes as probes  # noqa: E402 - models need Django to be set up
from messaging.ways import routes as ways  # noqa: E402
from messaging.ways.socket import SocketConsumer, nowhere  # noqa: E402

sockets = URLRouter([path("ws/", SocketConsumer.as_asgi()), re_path("", cast("Any", nowhere))])
application = ProtocolTypeRouter({"http": probes.beside(ways.beside(http)), "websocket": sockets})
