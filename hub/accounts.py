"""The people who use the console: who they are, what their role lets them do, and what counts as a password.

Five roles. An administrator does everything; an operator mends what is stuck; a manager looks; an auditor looks, reads
and verifies; an agency sees its own documents and nothing else. Passwords are kept as argon2id (RFC 9106). Whoever
loses rights (role, password, switched off) loses every session in the same transaction, and each change is an event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.errors import Misconfigured
from schemas.text import Sentence, Text

SHORTEST, LONGEST = 12, 1_000  # characters of a password
NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")

BAD_NAME = Text(
    vi="tên tài khoản gồm chữ thường không dấu, chữ số, . _ @ -, dài không quá 64 ký tự",
    en="an account's name has lower-case letters a-z, digits, . _ @ -, and at most 64 characters",
)
BAD_LENGTH = Sentence(
    vi="mật khẩu phải dài từ {least} đến {most} ký tự; một câu vài từ là đủ và dễ nhớ",
    en="a password has {least} to {most} characters; a sentence of a few words will do, and is remembered",
)
HAS_NAME = Text(
    vi="mật khẩu không được chứa tên tài khoản", en="a password must not contain the account's name"
)
TOO_PLAIN = Text(
    vi="mật khẩu phải có ít nhất 6 ký tự khác nhau", en="a password has at least 6 different characters"
)


class Role(StrEnum):
    """What somebody is at the console."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    MANAGER = "manager"
    AUDITOR = "auditor"
    AGENCY = "agency"


class Right(StrEnum):
    """What a role may do."""

    EVERYTHING = "everything"  # see the documents of all agencies, the endpoints, what is stuck
    ACT = "act"  # resume, hold, withdraw
    READ = "read"  # have a package or its evidence, which hold what the document says
    AUDIT = "audit"  # the ledger, and verifying files
    REPORTS = "reports"
    ACCOUNTS = "accounts"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.OPERATOR: frozenset({Right.EVERYTHING, Right.ACT, Right.READ, Right.AUDIT, Right.REPORTS}),
    Role.MANAGER: frozenset({Right.EVERYTHING, Right.REPORTS}),
    Role.AUDITOR: frozenset({Right.EVERYTHING, Right.READ, Right.AUDIT, Right.REPORTS}),
    Role.AGENCY: frozenset({Right.READ}),  # of its own documents
}

ROLES: dict[Role, Text] = {
    Role.ADMINISTRATOR: Text(vi="quản trị", en="administrator"),
    Role.OPERATOR: Text(vi="vận hành", en="operator"),
    Role.MANAGER: Text(vi="quản lý", en="manager"),
    Role.AUDITOR: Text(vi="kiểm toán", en="auditor"),
    Role.AGENCY: Text(vi="cơ quan", en="agency"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in. `agency` is an `Agency.id`, of the role “agency” only."""

    name: str
    person: str
    role: Role
    agency: str | None = None
    password: str | None = None  # argon2id
    subject: str | None = None  # issuer and subject at an identity provider
    disabled: bool = False

    def may(self, right: Right) -> bool:
        """Tell whether the role has a right."""
        return right in RIGHTS[self.role]

    @property
    def actor(self) -> str:
        """Who the ledger says it was."""
        return f"account:{self.name}"


_hasher = PasswordHasher()  # RFC 9106's second choice: 64 MiB, three passes
# What an unknown name is compared with, so that it takes as long as a wrong password.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$RBUGZM3bEYYCDTyHmYqm8l8Bkm5RKG8F7nlV0Kl9yGA"


def proper_name(name: str) -> str:
    """Return an account's name if it is one. Raises `Misconfigured`."""
    if not NAME.fullmatch(name):
        raise Misconfigured(BAD_NAME)
    return name


def hashed(password: str, name: str) -> str:
    """Return what is kept of a new password; some 50 ms. Raises `Misconfigured` if it is easily guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Misconfigured(BAD_LENGTH.say(least=SHORTEST, most=LONGEST))
    if len(name) >= 4 and name in password.lower():
        raise Misconfigured(HAS_NAME)
    if len(set(password)) < 6:
        raise Misconfigured(TOO_PLAIN)
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that was kept; as slow for nobody's as for somebody's."""
    try:
        return _hasher.verify(kept or NOBODY, password[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
