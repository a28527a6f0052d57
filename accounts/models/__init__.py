"""What accounts keep, a facet a file."""

from accounts.models.person import User, UserManager, username_validator
from accounts.models.revocation import Revocation
from accounts.models.token import Token

__all__ = ["Revocation", "Token", "User", "UserManager", "username_validator"]
