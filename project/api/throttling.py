"""Request rates; counters live in Redis."""

from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, UserRateThrottle


class AnonThrottle(AnonRateThrottle):
    """Strangers."""


class UserThrottle(UserRateThrottle):
    """Signed-in users."""


class ScopeThrottle(ScopedRateThrottle):
    """`throttle_scope` of a view: submit, login, tickets."""
