"""Addresses of the pages about oneself and one's account."""

from django.urls import path

from accounts.views import emails, notice, pages, passwords, sessions, signin, signup, tokens, workspace

urlpatterns = [
    path("signin/", signin.signin, name="signin"),
    path("signout/", signin.signout, name="signout"),
    path("reset/", passwords.ask_reset, name="reset"),
    path("reset/<str:token>", passwords.reset),
    path("verify/<str:token>", emails.verify),
    path("signup/", signup.ask, name="signup"),
    path("signup/<str:token>", signup.sign_up),
    path("notice/", notice.show, name="notice"),
    path("settings/", pages.first, name="settings"),
    path("settings/sessions/", sessions.devices, name="sessions"),
    path("settings/tokens/", tokens.listed, name="tokens"),
    path("settings/tokens/new/", tokens.new, name="token-new"),
    path("settings/password/", passwords.change, name="password"),
    path("settings/email/", emails.change, name="email"),
    path("settings/workspace/", workspace.show, name="workspace"),
]
