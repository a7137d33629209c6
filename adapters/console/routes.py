"""Every address of the console, in one table: what answers, who may, whether one must be signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adapters.console import (
    audit,
    board,
    directory,
    document,
    documents,
    endpoints,
    home,
    oidc,
    people,
    reports,
    signing_in,
    stuck,
)
from adapters.console.visit import Answer
from hub.accounts import Right


@dataclass(frozen=True, slots=True)
class Way:
    """One address."""

    method: Literal["GET", "POST"]
    path: str
    answer: Answer
    right: Right | None = None
    signed_in: bool = True


WAYS: tuple[Way, ...] = (
    Way("GET", "/login", signing_in.ask, signed_in=False),
    Way("POST", "/login", signing_in.sign_in, signed_in=False),
    Way("POST", "/logout", signing_in.sign_out),
    Way("GET", "/set", signing_in.prefer, signed_in=False),
    Way("GET", "/password", people.own),
    Way("POST", "/password", people.own_password),
    Way("GET", "/oidc/start", oidc.start, signed_in=False),
    Way("GET", "/oidc", oidc.come_back, signed_in=False),
    Way("GET", "/", home.page),
    Way("GET", "/late", home.late, Right.EVERYTHING),
    Way("GET", "/documents", documents.page),
    Way("GET", "/documents/{message}", document.page),
    Way("POST", "/documents/{message}/package", document.package, Right.READ),
    Way("POST", "/documents/{message}/evidence", document.evidence, Right.READ),
    Way("GET", "/board", board.page, Right.EVERYTHING),
    Way("GET", "/stuck", stuck.page, Right.EVERYTHING),
    Way("POST", "/stuck/ask", stuck.ask, Right.ACT),
    Way("POST", "/stuck/do", stuck.do, Right.ACT),
    Way("GET", "/endpoints", endpoints.page, Right.EVERYTHING),
    Way("GET", "/directory", directory.page),
    Way("GET", "/directory/{code}", directory.agency),
    Way("GET", "/reports", reports.page, Right.REPORTS),
    Way("GET", "/reports/{form}", reports.file, Right.REPORTS),
    Way("GET", "/audit", audit.page, Right.AUDIT),
    Way("POST", "/audit", audit.verify, Right.AUDIT),
    Way("GET", "/accounts", people.page, Right.ACCOUNTS),
    Way("GET", "/accounts/+new", people.blank, Right.ACCOUNTS),
    Way("POST", "/accounts/+new", people.add, Right.ACCOUNTS),
    Way("GET", "/accounts/{name}", people.one, Right.ACCOUNTS),
    Way("POST", "/accounts/{name}", people.change, Right.ACCOUNTS),
    Way("POST", "/accounts/{name}/password", people.password, Right.ACCOUNTS),
    Way("POST", "/accounts/{name}/state", people.switch, Right.ACCOUNTS),
)
