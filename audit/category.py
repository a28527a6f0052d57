"""The class of an entry, which says who may read it."""

from django.db import models


class Category(models.TextChoices):
    """What an entry is about."""

    ACCOUNT = "account"
    ADMINISTRATION = "administration"
    SETTINGS = "settings"
    CASE = "case"
    SYSTEM = "system"


_WORDS = {
    Category.ADMINISTRATION: (
        "bot approval barrier domain group import invitation invite member person recertification report role segment "
        "user user_group"
    ),
    Category.SETTINGS: "identity_provider limit notice policy retention scim setting settings webhook",
    Category.CASE: "case export hold legal_hold matter production record review search_case subject_access",
    Category.SYSTEM: "backup checkpoint demo migration purge seal system trail",
}
_BY_WORD = {word: category for category, words in _WORDS.items() for word in words.split()}


def of_verb(verb: str) -> Category:
    """Give the category that a verb's first part stands for (`role.change` is administration); else account."""
    return _BY_WORD.get(verb.split(".", 1)[0], Category.ACCOUNT)
