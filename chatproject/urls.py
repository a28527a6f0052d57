"""Every address, in one place."""

from django.urls import URLPattern, URLResolver, include, path

from accounts import views
from chatproject import client

urlpatterns: list[URLPattern | URLResolver] = [
    path("", client.shell),
    path("c/<int:conversation>", client.shell),
    path("c/<int:conversation>/<int:seq>", client.shell),
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
    path("api/v1/", include("messaging.api.urls")),
]
