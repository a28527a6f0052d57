"""Addresses of the pages about oneself and one's account."""

from django.urls import path

from accounts.views import (
    emails,
    factors,
    notice,
    pages,
    passwords,
    second,
    sessions,
    signin,
    signup,
    stepup,
    tokens,
    workspace,
)

urlpatterns = [
    path("signin/", signin.signin, name="signin"),
    path("signin/second/", second.second_step, name="second"),
    path("signin/passkey/", second.with_passkey, name="signin-passkey"),
    path("signin/factor/", second.due, name="factor-due"),
    path("signout/", signin.signout, name="signout"),
    path("reset/", passwords.ask_reset, name="reset"),
    path("reset/<str:token>", passwords.reset),
    path("verify/<str:token>", emails.verify),
    path("signup/", signup.ask, name="signup"),
    path("signup/<str:token>", signup.sign_up),
    path("notice/", notice.show, name="notice"),
    path("stepup/", stepup.step_up, name="stepup"),
    path("passkeys/options/", factors.passkey_options, name="passkey-options"),
    path("settings/", pages.first, name="settings"),
    path("settings/sessions/", sessions.devices, name="sessions"),
    path("settings/tokens/", tokens.listed, name="tokens"),
    path("settings/tokens/new/", tokens.new, name="token-new"),
    path("settings/password/", passwords.change, name="password"),
    path("settings/email/", emails.change, name="email"),
    path("settings/workspace/", workspace.show, name="workspace"),
    path("settings/factors/", factors.factors, name="factors"),
    path("settings/factors/app/", factors.app, name="factor-app"),
    path("settings/factors/app/confirm/", factors.confirm_app, name="factor-app-confirm"),
    path("settings/factors/passkey/", factors.passkey, name="factor-passkey"),
    path("settings/factors/recovery/", factors.recovery_codes, name="factor-recovery"),
    path("settings/factors/<slug:kind>/<int:pk>/remove/", factors.remove, name="factor-remove"),
]
