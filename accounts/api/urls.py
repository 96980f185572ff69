"""`/api/v1/` of accounts; the API adds the spelling without the final slash."""

from django.urls import path

from accounts.api import auth, people, privacy, roles, tokens

urlpatterns = [
    path("auth/login/", auth.LoginView.as_view(), name="auth-login"),
    path("auth/register/", auth.RegisterView.as_view(), name="auth-register"),
    path("auth/refresh/", auth.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout/", auth.LogoutView.as_view(), name="auth-logout"),
    path("users/", people.UserListView.as_view(), name="users"),
    path("users/info/", people.OwnProfileView.as_view(), name="users-info"),
    path("users/<int:pk>/", people.UserDetailView.as_view(), name="user"),
    path("users/<int:pk>/roles/", people.UserRolesView.as_view(), name="user-roles"),
    path("roles/", roles.RoleListView.as_view(), name="roles"),
    path("roles/<int:pk>/", roles.RoleDetailView.as_view(), name="role"),
    path("tokens/", tokens.TokenListView.as_view(), name="tokens"),
    path("tokens/<int:pk>/", tokens.TokenDetailView.as_view(), name="token"),
    path("privacy/export/", privacy.ExportView.as_view(), name="privacy-export"),
    path("privacy/erase/", privacy.EraseView.as_view(), name="privacy-erase"),
]
