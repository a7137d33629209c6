"""What edXML software does otherwise is read as it was meant, named, and never taken for proof."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.xml import parse
from signing import canonical, habits, place
from signing.trust import TrustStore
from signing.verdict import Outcome, Question, Verdict
from signing.xml import sign
from tests.unit.pace import idle_seconds
from tests.unit.signing.attacks import genuine, self_signed
from tests.unit.signing.packages import (
    EDXML,
    ENVELOPED,
    codes,
    hand_signed,
    judge,
    package,
    signer,
)

MISNAMED = "".join(
    f'<ds:Transform Algorithm="{uri}"></ds:Transform>' for uri in (ENVELOPED, habits.MISNAMED_EXCLUSIVE)
)


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {str(question): str(aspect.outcome) for question, aspect in verdict.aspects.items()}


# The regulation's own namespace


@pytest.mark.parametrize("prefix", ["", "ds:", "edXML:"])
def test_a_signature_in_the_regulations_namespace_is_verified_as_written(prefix: str) -> None:
    verdict = judge(hand_signed(signer(), namespace=EDXML, prefix=prefix))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert codes(verdict) == ["signature.wrong-namespace", "signature.intact", "revocation.not-checked"]
    integrity = verdict.aspects[Question.INTEGRITY]
    assert integrity.evidence["digest_expected"] == integrity.evidence["digest_got"]
    assert verdict.aspects[Question.TRUST].outcome is Outcome.VALID
    assert verdict.covers == "document"


def test_its_content_is_protected_like_any_other() -> None:
    content = hand_signed(signer(), namespace=EDXML, prefix="")
    verdict = judge(content.replace("liên thông".encode(), "phân công".encode()))
    assert (verdict.outcome, codes(verdict)) == (
        "invalid",
        ["signature.altered", "signature.wrong-namespace"],
    )
    assert verdict.covers is None


def test_made_in_one_namespace_and_written_down_in_another_it_does_not_hold() -> None:
    verdict = judge(
        genuine().replace(b'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', f'xmlns:ds="{EDXML}"'.encode())
    )
    assert (verdict.outcome, codes(verdict)) == (
        "invalid",
        ["signature.wrong-namespace", "signature.value-wrong"],
    )


@pytest.mark.parametrize("part", ["SignedInfo", "Transforms", "KeyInfo", "X509Certificate"])
def test_the_namespaces_are_not_mixed(part: str) -> None:
    """Who reads one namespace only would see another signature than who reads both."""
    content = hand_signed(signer(), namespace=EDXML).replace(
        f"<ds:{part}>".encode(), f'<ds:{part} xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'.encode()
    )
    assert judge(content).outcome is Outcome.INVALID


def test_what_is_refused_in_xmldsig_is_refused_here_too() -> None:
    verdict = judge(hand_signed(signer(), namespace=EDXML, extra="<ds:Object>x</ds:Object>"))
    assert (verdict.outcome, codes(verdict)) == (
        "invalid",
        ["signature.wrong-namespace", "signature.malformed"],
    )


# The transform that does not exist


def test_the_misnamed_transform_is_read_as_exclusive_canonicalisation_and_named() -> None:
    verdict = judge(hand_signed(signer(), transforms=MISNAMED))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert codes(verdict)[0] == "signature.transform-misnamed"
    assert outcomes(verdict) == {
        "integrity": "undetermined",
        "trust": "valid",
        "revocation": "undetermined",
        "time": "valid",
        "coverage": "valid",
    }
    assert "http://www.w3.org/TR/xml-exc-c14n#" in verdict.reasons[0].message.vi


def test_both_habits_are_named() -> None:
    verdict = judge(hand_signed(signer(), transforms=MISNAMED, namespace=EDXML, prefix=""))
    assert codes(verdict)[:2] == ["signature.wrong-namespace", "signature.transform-misnamed"]


def test_the_wrong_name_counts_as_a_transform_only() -> None:
    method = (
        f'<ds:CanonicalizationMethod Algorithm="{habits.MISNAMED_EXCLUSIVE}"></ds:CanonicalizationMethod>'
    )
    verdict = judge(hand_signed(signer(), canonicalisation=method))
    assert codes(verdict) == ["signature.canonicalisation-forbidden"]


# Trace headers

HOP = "<edXML:TraceHeader><edXML:OrganId>{code}</edXML:OrganId><edXML:Timestamp>2026/02/04 08:00:00</edXML:Timestamp></edXML:TraceHeader>"  # noqa: E501
OWN = HOP.format(code="H49.D01")
LIST = "\n<edXML:TraceHeaderList>\n  {hops}\n  <edXML:Bussiness/>\n</edXML:TraceHeaderList>\n"


def traced(hops: str = OWN) -> bytes:
    return sign(package(header=LIST.format(hops=hops)), signer())


@pytest.mark.parametrize("hops", [1, 2, 5])
@pytest.mark.parametrize("blanks", ["", "\n      "])
@pytest.mark.parametrize("behind", [True, False])
def test_added_trace_headers_are_recognised(hops: int, blanks: str, behind: bool) -> None:
    written = [HOP.format(code=f"G{number}") for number in range(1, hops + 1)]
    added = "".join(blanks + hop if behind else hop + blanks for hop in written)
    changed = traced().replace(OWN.encode(), (OWN + added if behind else added + OWN).encode())
    verdict = judge(changed)
    assert (verdict.outcome, codes(verdict)) == ("invalid", ["signature.altered-by-trace-header"])
    assert f"added {hops} TraceHeader (the last says G{hops})" in verdict.reasons[0].message.en
    assert verdict.covers is None


def test_a_whole_list_that_was_added_is_recognised() -> None:
    content = genuine()
    added = f"<edXML:TraceHeaderList>{HOP.format(code='G22')}</edXML:TraceHeaderList>".encode()
    for blanks in (b"", b"\n  "):
        verdict = judge(
            content.replace(b"</edXML:MessageHeader>", b"</edXML:MessageHeader>" + blanks + added)
        )
        assert codes(verdict) == ["signature.altered-by-trace-header"]
        assert "G22" in verdict.reasons[0].message.vi


def test_more_than_a_trace_header_is_plainly_altered() -> None:
    changed = traced().replace(OWN.encode(), (OWN + HOP.format(code="G22")).encode())
    assert codes(judge(changed.replace("liên thông".encode(), "phân công".encode()))) == ["signature.altered"]


def test_what_hides_in_an_added_hop_is_no_excuse() -> None:
    """The signature stays INVALID whatever the hop carries: only the reason differs."""
    evil = "<edXML:TraceHeader><edXML:OrganId>G22</edXML:OrganId><edXML:Subject>x</edXML:Subject></edXML:TraceHeader>"
    assert judge(traced().replace(OWN.encode(), (OWN + evil).encode())).outcome is Outcome.INVALID


def test_a_list_elsewhere_is_not_looked_at() -> None:
    added = f"<edXML:TraceHeaderList>{HOP.format(code='G22')}</edXML:TraceHeaderList>".encode()
    content = genuine().replace(b"<edXML:edXMLBody>", b"<edXML:edXMLBody>" + added)
    assert codes(judge(content)) == ["signature.altered"]


def test_two_lists_explain_nothing() -> None:
    added = f"<edXML:TraceHeaderList>{HOP.format(code='G22')}</edXML:TraceHeaderList>".encode()
    content = traced().replace(b"</edXML:MessageHeader>", b"</edXML:MessageHeader>" + added)
    assert codes(judge(content)) == ["signature.altered"]


def test_an_explanation_is_looked_for_only_where_the_signer_is_trusted() -> None:
    changed = traced().replace(OWN.encode(), (OWN + HOP.format(code="G22")).encode())
    assert codes(judge(changed, TrustStore.empty())) == ["signature.altered", "certificate.untrusted"]
    assert codes(judge(self_signed().replace(b"</edXML:To>", b"</edXML:To> ")))[0] == "signature.altered"


def test_a_thousand_hops_cost_next_to_nothing() -> None:
    changed = traced(HOP.format(code="G1") * 1000).replace("liên thông".encode(), "phân công".encode())
    assert codes(judge(changed)) == ["signature.altered"]
    assert idle_seconds(lambda: judge(changed)) < 0.2


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60), st.integers(0, 6))
def test_no_octets_trip_the_search(noise: bytes, hops: int) -> None:
    document = (
        b"<TraceHeaderList>" + noise + b"<TraceHeader>" * hops + noise + b"</TraceHeader></TraceHeaderList>"
    )
    form = canonical.Form(document, ())
    assert habits.added_trace(form, "sha256", bytes(32), end=len(document), after=len(document)) is None


def test_the_extents_are_those_of_the_canonical_octets() -> None:
    tree = parse(traced())
    (signature,) = place.signatures(tree)
    document = canonical.octets(tree)
    start, end = canonical.extent_of(document, signature)
    assert document[start : start + 14] == b"<ds:Signature "
    assert document[:end].endswith(b"</ds:Signature>")
