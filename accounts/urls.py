"""Addresses of the pages about oneself and one's account."""

from django.urls import path

from accounts.views import pages, sessions, signin, workspace

urlpatterns = [
    path("signin/", signin.signin, name="signin"),
    path("signout/", signin.signout, name="signout"),
    path("settings/", pages.first, name="settings"),
    path("settings/sessions/", sessions.devices, name="sessions"),
    path("settings/workspace/", workspace.show, name="workspace"),
]
