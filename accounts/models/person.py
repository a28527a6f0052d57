"""People and bots."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models.functions import Lower, Now, Upper

username_validator = RegexValidator(
    r"^[^\s@,:<>\x00-\x1f\x7f]{1,64}\Z",
    "A username has 1 to 64 characters, none of them a space, a control character or one of @ , : < >.",
)


class UserManager(BaseUserManager["User"]):
    """Makes people."""

    def create_user(
        self, *, username: str, email: str, name: str = "", password: str | None = None, **fields: Any
    ) -> "User":
        """Make an active member with a verified address, who can't sign in until a password is set.

        Such a person is exempt from a second factor's grace (`is_factor_exempt`); doors for people pass False.

        Raises ValidationError where the username or the address is malformed.
        """
        user = self.model(
            username=username,
            email=self.normalize_email(email),
            name=name or username,
            **{"kind": "person", "is_factor_exempt": True} | fields,
        )
        if email and "email_verified_at" not in fields:
            user.email_verified_at = Now()
        user.set_password(password)
        try:
            username_validator(username)
            user._meta.get_field("email").run_validators(email)
        except ValidationError as error:
            raise ValidationError(f"{username!r}: {' '.join(error.messages)}") from error
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an owner, for Django's `createsuperuser`: nobody here is above the rights."""
        from accounts import actor  # it builds on people, as grants do
        from accounts.authority import grants

        with transaction.atomic(using=self._db):
            made = self.create_user(username=username, email=email, password=password, **fields)
            grants.grant(actor.shell("manage.py createsuperuser"), made, "owner")
        return made

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by username, in any case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person or a bot. Its id is what the log knows; names may change."""

    class Kind(models.TextChoices):
        PERSON = "person"
        BOT = "bot"

    username = models.CharField(max_length=64, validators=[username_validator])
    email = models.EmailField(max_length=254)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(max_length=128)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PERSON)
    #: False: no door opens. Suspended people may be let in again; who was deactivated is gone for good.
    is_active = models.BooleanField(default=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    #: Says nothing in any conversation until then.
    muted_until = models.DateTimeField(null=True, blank=True)
    #: Only conversations that one was invited to, and no directory.
    is_guest = models.BooleanField(default=False)
    #: Who brought the person in: such a one can't be a second pair of eyes for what that person asks.
    invited_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="invited")
    #: When roles were last given or ended: sessions from before get a new key.
    privileges_changed_at = models.DateTimeField(null=True, blank=True)
    #: No second factor is ever asked of this account by a role (made from the shell, or a program's).
    is_factor_exempt = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    #: The last use of anything, by session or token; written at most once an hour.
    last_active_at = models.DateTimeField(null=True, blank=True)
    #: Set for somebody who came by an import and was not invited yet: such a person can't sign in.
    imported_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        db_table = "user"
        constraints = [models.UniqueConstraint(Lower("username"), name="user_username_any_case")]
        indexes = [
            models.Index(Lower("email"), name="user_email_any_case"),
            # The administration looks people up by any part of these.
            GinIndex(
                OpClass(Upper("username"), "gin_trgm_ops"),
                OpClass(Upper("name"), "gin_trgm_ops"),
                OpClass(Upper("email"), "gin_trgm_ops"),
                name="user_any_part",
            ),
            models.Index("muted_until", name="user_muted", condition=models.Q(muted_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def can_come_in(self) -> bool:
        """Tell whether a door may open: not to who is gone, nor who was imported and never invited, nor to a bot."""
        return self.is_active and self.imported_at is None and self.kind == self.Kind.PERSON

    def get_full_name(self) -> str:
        """Give the name that others see."""
        return self.name

    def get_short_name(self) -> str:
        """Give the username."""
        return self.username
