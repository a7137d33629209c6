"""What counts as a name and a password, and what each role may do."""

from __future__ import annotations

import pytest

from hub.accounts import RIGHTS, ROLES, Account, Right, Role, fits, hashed, proper_name
from hub.errors import Misconfigured

GOOD = "tám con trâu qua sông"


def test_a_password_is_kept_as_argon2id_and_recognised() -> None:
    kept = hashed(GOOD, "lan.nguyen")

    assert kept.startswith("$argon2id$")
    assert fits(kept, GOOD)
    assert not fits(kept, GOOD + " ")


def test_nobody_has_no_password_that_fits() -> None:
    assert not fits(None, "")
    assert not fits(None, GOOD)
    assert not fits("not a hash", GOOD)


@pytest.mark.parametrize("weak", ["ngắn", "x" * 40, "mat khau cua lan.nguyen", "a" * 1_001])
def test_a_password_that_is_easily_guessed_is_refused(weak: str) -> None:
    with pytest.raises(Misconfigured):
        hashed(weak, "lan.nguyen")


@pytest.mark.parametrize("name", ["", "Lan", "lan nguyen", "-lan", "lan/../x", "l" * 65, "lãn"])
def test_a_name_that_would_not_be_the_same_everywhere_is_refused(name: str) -> None:
    with pytest.raises(Misconfigured):
        proper_name(name)


def test_only_who_runs_the_hub_may_act_and_an_agency_does_not_see_everything() -> None:
    acting = {role for role in Role if Right.ACT in RIGHTS[role]}
    seeing = {role for role in Role if Right.EVERYTHING in RIGHTS[role]}

    assert acting == {Role.ADMINISTRATOR, Role.OPERATOR}
    assert seeing == set(Role) - {Role.AGENCY}
    assert set(RIGHTS) == set(ROLES) == set(Role)


def test_the_ledger_names_the_account() -> None:
    assert Account(name="lan", person="Lan", role=Role.MANAGER).actor == "account:lan"
