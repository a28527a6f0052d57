"""Addresses of the pages about oneself and one's account."""

from django.urls import path

from accounts.views import signin, workspace

urlpatterns = [
    path("signin/", signin.signin, name="signin"),
    path("signout/", signin.signout, name="signout"),
    path("settings/workspace/", workspace.show, name="workspace"),
]
