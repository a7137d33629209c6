"""signxml, libxmlsec1 and we never disagree about what was signed.

Two rules, for every document, honest, generated or mutated. What we call VALID they accept. What we call altered or
wrongly signed they refuse. In between is our profile: what it forbids and they accept is listed in `STRICTER`, by the
reason that we give.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.findings import InvalidDocument
from schemas.xml import parse
from signing.keys import Algorithm
from signing.verdict import Outcome, Question
from signing.xml import sign
from tests.unit.signing import mutations
from tests.unit.signing.hostile import LARGEST_KEPT, SAMPLES, VERDICTS, name_of
from tests.unit.signing.packages import (
    NOW,
    authority,
    codes,
    hand_signed,
    package,
    reference_to,
    signer,
    verdicts,
)
from tests.unit.signing.referees import REFEREES, program_accepts, signxml_accepts, stays_inside
from tests.unit.signing.taken_by_others import TAKEN, WHY

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

# Arithmetic, not taste: here the referees must agree.
ABOUT_INTEGRITY = {
    "signature.altered",
    "signature.altered-by-trace-header",
    "signature.attachment-altered",
    "signature.value-wrong",
    "signature.no-canonical-form",
}
# Refused by our profile, for the reason that it gives; a referee may accept.
STRICTER = {
    "signature.more-than-one",
    "signature.wrapped",
    "signature.duplicate-id",
    "signature.malformed",
    "signature.value-malformed",
    "signature.not-in-content",
    "signature.too-large",
    "signature.canonicalisation-forbidden",
    "signature.algorithm-forbidden",
    "signature.reference-forbidden",
    "signature.transform-forbidden",
    "signature.no-certificate",
    "signature.key-mismatch",
    "signature.key-weak",
    "certificate.unreadable",
}


def compare(content: bytes) -> str:
    """Judge a document three times, and fail on a disagreement. Return what we said."""
    try:
        tree = parse(content)
    except InvalidDocument:
        return "no package"
    if not stays_inside(tree):
        return "leaves the document"
    verdict = verdicts(content)[0]
    accepted = {name: accepts(content, tree) for name, accepts in REFEREES.items()}
    if verdict.outcome is Outcome.VALID:
        assert accepted == dict.fromkeys(REFEREES, True), content
        return "valid"
    integrity = verdict.aspects.get(Question.INTEGRITY)
    if integrity is None:
        assert verdict.outcome is Outcome.ABSENT
        assert not any(accepted.values()), content
        return "absent"
    if integrity.outcome is Outcome.VALID:
        return f"intact, {codes(verdict)[0]}"
    broken = {reason.code for reason in integrity.reasons}
    if broken & ABOUT_INTEGRITY:
        assert accepted == dict.fromkeys(REFEREES, False), (broken, content)
    elif any(accepted.values()):
        assert broken & STRICTER, (broken, content)
    return codes(verdict)[0]


def tally(contents: Iterable[bytes]) -> Counter[str]:
    return Counter(compare(content) for content in contents)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_we_sign_all_three_accept(algorithm: Algorithm) -> None:
    assert compare(sign(package(), signer(algorithm))) == "valid"


words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&>\ufffe\uffff"), max_size=40
)


@settings(max_examples=60, deadline=None)
@given(subject=words, attachment=words, algorithm=st.sampled_from(ALGORITHMS))
def test_any_document_is_accepted_by_all_three(subject: str, attachment: str, algorithm: Algorithm) -> None:
    assert compare(sign(package(subject=subject, attachment=attachment), signer(algorithm))) == "valid"


@settings(max_examples=40, deadline=None)
@given(tags=st.lists(st.tuples(st.sampled_from("abc"), words, st.booleans()), max_size=6))
def test_any_shape_of_header_is_accepted_by_all_three(tags: list[tuple[str, str, bool]]) -> None:
    """Prefixes bound anew, unbound defaults, nested and beside each other."""
    inside = ""
    for prefix, text, nested in tags:
        opened = (
            f'<{prefix}:e xmlns:{prefix}="urn:{prefix}" xmlns="" {prefix}:at="{text.replace(chr(34), "")}">'
        )
        inside = (
            f"{opened}{inside}{text}<plain/></{prefix}:e>"
            if nested
            else f"{inside}{opened}{text}</{prefix}:e>"
        )
    assert compare(sign(package(header=inside), signer())) == "valid"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_changed_octet_divides_us(algorithm: Algorithm) -> None:
    found = tally(mutations.of_octets(sign(package(), signer(algorithm))))
    assert found["signature.altered"] > 25
    assert found["signature.value-wrong"] > 5
    assert found["no package"] > 50


def test_no_changed_element_divides_us() -> None:
    found = tally(mutations.of_elements(sign(package(), signer())))
    assert found["signature.altered"] > 80
    assert found["signature.malformed"] > 50
    assert found["signature.wrapped"] > 5


def test_no_spelling_divides_us() -> None:
    found = tally(mutations.of_spelling(sign(package(), signer())))
    assert found["valid"] >= 9
    assert set(found) <= {"valid", "signature.value-wrong", "signature.altered"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_two_changes_divide_us(data: st.DataObject) -> None:
    content = bytearray(sign(package(), signer()))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 4))
        content[at : at + length] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"<x/>", b"&#65;", b"\n"])
        )
    compare(bytes(content))


# What our profile refuses and they accept


def test_the_attacks_that_others_accept_are_exactly_those_listed() -> None:
    taken: dict[str, dict[str, set[str]]] = {}
    for attack, (_, code) in VERDICTS.items():
        content = attack()
        tree = parse(content)
        if len(content) < LARGEST_KEPT and stays_inside(tree):
            who = "+".join(name for name, accepts in REFEREES.items() if accepts(content, tree))
            if who:
                taken.setdefault(code, {}).setdefault(who, set()).add(name_of(attack).removesuffix(".edxml"))
    assert taken == TAKEN
    assert set(WHY) == set(TAKEN)


def test_of_what_they_accept_nothing_is_a_question_of_arithmetic() -> None:
    assert not set(TAKEN) & ABOUT_INTEGRITY


def test_detached_references_are_confirmed_by_signxml_when_it_is_given_the_files() -> None:
    """The one VALID that libxmlsec1 cannot confirm: it has no way to be told where `cid:` leads."""
    content = hand_signed(signer(), references="{reference}" + reference_to("cid:1", b"Anh chao"))
    tree = parse(content)
    assert verdicts(content)[0].outcome is Outcome.VALID
    assert signxml_accepts(content, tree, files={"cid:1": b"Anh chao"}, references=2)
    assert not signxml_accepts(content, tree, files={"cid:1": b"anh chao"}, references=2)


# The program xmlsec1


@pytest.fixture(scope="session")
def program() -> str:
    found = shutil.which("xmlsec1")
    assert found is not None, "The program xmlsec1 is needed for this test: apt-get install xmlsec1"
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    file = tmp_path / "root.pem"
    file.write_bytes(authority().pem)
    return file


def asked(program: str, content: bytes, root: Path) -> bool:
    file = root.with_name("asked.xml")
    file.write_bytes(content)
    return program_accepts(program, file, root, f"{NOW:%Y-%m-%d %H:%M:%S}")


@pytest.mark.programs
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_program_accepts_what_we_sign(algorithm: Algorithm, program: str, root: Path) -> None:
    assert asked(program, sign(package(), signer(algorithm)), root)


@pytest.mark.programs
@pytest.mark.parametrize("change", [mutations.of_octets, mutations.of_elements, mutations.of_spelling])
def test_the_program_and_we_never_disagree(
    change: Callable[[bytes], Iterator[bytes]], program: str, root: Path
) -> None:
    seen: Counter[str] = Counter()
    # Every third: the kinds of change come round by five.
    for content in islice(
        change(sign(package(), signer())), 0, None, 1 if change is mutations.of_spelling else 3
    ):
        try:
            tree = parse(content)
        except InvalidDocument:
            continue
        verdict = verdicts(content)[0]
        if not stays_inside(tree):
            continue
        accepted = asked(program, content, root)
        if verdict.outcome is Outcome.VALID:
            assert accepted, content
            seen["valid"] += 1
        elif ABOUT_INTEGRITY & set(codes(verdict)):
            assert not accepted, content
            seen["broken"] += 1
    assert seen["valid"] >= 5
    assert change is mutations.of_spelling or seen["broken"] >= 5


@pytest.mark.programs
def test_the_program_accepts_none_of_the_kept_attacks_on_integrity(program: str, root: Path) -> None:
    """Under the root that they are judged by, and with nothing to fetch."""
    table = json.loads((SAMPLES / "expected.json").read_text())
    at = f"{datetime.fromisoformat(table['received_at']):%Y-%m-%d %H:%M:%S}"
    trusted = SAMPLES / "trust" / "root.pem"
    assert program_accepts(program, SAMPLES / "genuine.edxml", trusted, at)
    asked_about = 0
    for name, expected in table["expected"].items():
        if expected["code"] in ABOUT_INTEGRITY and stays_inside(parse((SAMPLES / name).read_bytes())):
            assert not program_accepts(program, SAMPLES / name, trusted, at), name
            asked_about += 1
    assert asked_about >= 15
