"""Content credentials (C2PA): what was done to a picture, signed so that a change shows.

`sign` is the worker's last step after `encode`; `read_credentials` says what a file claims and
whether it is intact. Neither library (c2pa, cryptography) is imported before the first use: the
web process does not need them, and its production image does not have them.
"""

from project.images.credentials.errors import CannotRead, CannotSign, CannotSignCode
from project.images.credentials.read import Credentials, State, read_credentials
from project.images.credentials.sign import sign

__all__ = [
    "CannotRead",
    "CannotSign",
    "CannotSignCode",
    "Credentials",
    "State",
    "read_credentials",
    "sign",
]
