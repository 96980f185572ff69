"""Users, roles, credentials, sessions and privacy receipts."""

from accounts.models.credentials import ApiToken, Scope, TokenFamily
from accounts.models.people import Role, User, UsernameValidator, signed_in
from accounts.models.receipts import PrivacyReceipt
from accounts.models.signins import BrowserSession

__all__ = [
    "ApiToken",
    "BrowserSession",
    "PrivacyReceipt",
    "Role",
    "Scope",
    "TokenFamily",
    "User",
    "UsernameValidator",
    "signed_in",
]
