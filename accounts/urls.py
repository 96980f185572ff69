"""Pages of accounts."""

from django.urls import path

from accounts.pages import account, password, privacy, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("register/", sign_in.sign_up, name="register"),
    path("password/", password.password_change, name="password_change"),
    path("password/reset/", password.password_reset, name="password_reset"),
    path("password/reset/sent/", password.password_reset_sent, name="password_reset_sent"),
    path(
        "password/reset/<str:uid>/<str:token>/",
        password.password_reset_confirm,
        name="password_reset_confirm",
    ),
    path("", account.account, name="account"),
    path("tokens/", account.token_create, name="token_create"),
    path("tokens/<int:pk>/revoke/", account.token_revoke, name="token_revoke"),
    path("sessions/end-others/", account.sessions_end_others, name="sessions_end_others"),
    path("sessions/<uuid:handle>/end/", account.session_end, name="session_end"),
    path("export/", privacy.export, name="export"),
    path("erase/", privacy.erase, name="erase"),
    path("receipts/<uuid:pk>/", privacy.receipt, name="receipt"),
]
