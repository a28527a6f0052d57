"""Addresses of the pages about oneself and one's account."""

from django.urls import path

from accounts.views import signin

urlpatterns = [
    path("signin/", signin.signin, name="signin"),
    path("signout/", signin.signout, name="signout"),
]
