"""Does a certificate fit the sender: by register, else by name, never by guessing too much."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import holders
from hub.directory import Directory
from hub.model import Agency, AgencyCode, Level
from schemas.edxml.codes import scheme_of
from signing.verdict import CertificateSummary, Outcome, Question, Verdict

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def agency(number: str, name: str, *codes: str, successors: tuple[str, ...] = ()) -> Agency:
    return Agency(
        id=number,
        name=name,
        level=Level.COMMUNE,
        codes=tuple(
            AgencyCode(
                value=code,
                scheme=scheme_of(code),
                valid_to=date(2025, 7, 1) if successors else None,
                successors=successors,
            )
            for code in codes
        ),
    )


WARD = agency("W", "UBND phường Hạ Long (mã minh họa)", "H49.61")
OLD = agency("O", "UBND thị xã Quảng Yên", "H49.40", successors=("H49.61",))
OTHER = agency("X", "Sở Nội vụ", "H49.13")


def certificate(subject: str, sha256: str = "ab") -> CertificateSummary:
    return CertificateSummary(subject, "CN=CA", "1", NOW, NOW, sha256)


def look(subject: str, sender: Agency = WARD, **registered: str) -> tuple[Outcome, str]:
    directory = Directory(
        agencies=(WARD, OLD, OTHER),
        certificates={sha256: frozenset(owner) for sha256, owner in registered.items()},
    )
    aspect = holders.holder(certificate(subject), sender, directory)
    (reason,) = aspect.reasons
    return aspect.outcome, reason.code


@pytest.mark.parametrize(
    "subject",
    [
        "CN=UBND phường Hạ Long,O=Khác,C=VN",
        "CN=Nguyễn Văn Mẫu,O=Ủy ban nhân dân phường Hạ Long,C=VN",
        "CN=Nguyễn Văn Mẫu,OU=ỦY BAN NHÂN DÂN P. HẠ LONG".replace("P. ", "phường "),
        "CN=A,O=Uy ban nhan dan Phuong Ha Long",
        "CN=A,O=UBND TP Hạ Long",
        "CN=A,O=UBND thị xã Quảng Yên",
    ],
)
def test_names_that_fit(subject: str) -> None:
    assert look(subject) == (Outcome.VALID, "holder.name-fits")


@pytest.mark.parametrize(
    "subject",
    ["CN=Sở Nội vụ,O=UBND tỉnh Quảng Ninh", "CN=Nguyễn Văn Mẫu", "CN=UBND phường Hạ", "O=phường", "OU=UBND"],
)
def test_names_that_do_not(subject: str) -> None:
    assert look(subject) == (Outcome.UNDETERMINED, "holder.does-not-fit")


def test_a_successors_certificate_fits_who_still_uses_the_old_code() -> None:
    assert look("O=UBND phường Hạ Long", OLD) == (Outcome.VALID, "holder.name-fits")


def test_the_register_decides_over_names() -> None:
    assert look("CN=Ai đó", ab="W") == (Outcome.VALID, "holder.registered")
    assert look("O=UBND phường Hạ Long", ab="X") == (Outcome.UNDETERMINED, "holder.of-another")
    assert look("CN=Ai đó", cd="W") == (Outcome.UNDETERMINED, "holder.does-not-fit")


@given(st.text(max_size=60))
def test_no_subject_is_too_strange(subject: str) -> None:
    assert look(subject)[0] in (Outcome.UNDETERMINED, Outcome.VALID)
    assert isinstance(holders.comparable(subject), str)


def test_a_verdict_without_a_certificate_is_left_alone() -> None:
    bare = Verdict(outcome=Outcome.ABSENT, reasons=(), checked_at=NOW)
    held = Verdict(outcome=Outcome.VALID, reasons=(), checked_at=NOW, certificate=certificate("CN=x"))
    left, judged = holders.judged([bare, held], WARD, Directory(agencies=(WARD,)))
    assert left is bare
    assert judged.aspects[Question.HOLDER].outcome is Outcome.UNDETERMINED
    assert judged.outcome is Outcome.VALID
