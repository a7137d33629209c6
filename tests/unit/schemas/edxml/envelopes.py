"""Envelopes that Hypothesis makes up: everything that a package can say and that reads back as it was written."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import strategies as st

from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    Hop,
    Organization,
    PackageKind,
    Priority,
    ReceiverChange,
    Reference,
    Replacement,
    Signer,
    Staff,
    StatusAnswer,
)
from schemas.edxml.reader import VIETNAM

# Blanks around a value are not part of it, and XML cannot carry most control characters.
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30
).map(str.strip)
WORDS = TEXT.filter(bool)
CODES = st.from_regex(r"[0-9A-Z]{1,5}(\.[0-9A-Z]{1,3}){0,3}", fullmatch=True)
DAYS = st.dates(date(1945, 9, 2), date(2100, 1, 1))
MOMENTS = st.integers(-700_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, VIETNAM))

ORGANIZATIONS = st.builds(
    Organization,
    code=CODES,
    name=TEXT,
    in_charge=TEXT,
    address=TEXT,
    email=TEXT,
    telephone=TEXT,
    fax=TEXT,
    website=TEXT,
)
STAFF = st.builds(
    Staff, department=TEXT, name=TEXT, mobile=TEXT, email=TEXT, department_id=TEXT, staff_id=TEXT
)
REFERENCES = st.builds(Reference, organ_code=CODES, document_id=WORDS, code=TEXT, promulgated_on=TEXT)
BUSINESS = st.builds(
    Business,
    reason=WORDS,
    document_id=TEXT,
    content_changed=st.booleans(),
    receivers_changed=st.booleans(),
    receiver_changes=st.lists(st.builds(ReceiverChange, code=CODES, added=st.booleans()), max_size=3).map(
        tuple
    ),
    replacements=st.lists(
        st.builds(Replacement, document_id=WORDS, receivers=st.lists(CODES, max_size=2).map(tuple)),
        max_size=3,
    ).map(tuple),
    staff=st.none() | STAFF,
    paper=st.booleans(),
)


def _several(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


@st.composite
def documents(draw: st.DrawFn) -> tuple[Envelope, list[tuple[AttachmentInfo, bytes]]]:
    """Draw the envelope of a document package, and its attachments."""
    infos = draw(
        st.lists(
            st.builds(
                AttachmentInfo,
                content_id=st.uuids().map(str),
                name=WORDS,
                content_type=st.sampled_from(["application/pdf", "text/plain"]),
                description=TEXT,
                field_name=TEXT,
                mime_type=TEXT,
            ),
            max_size=2,
            unique_by=lambda info: info.content_id,
        )
    )
    kind = draw(st.sampled_from([kind for kind in PackageKind if kind is not PackageKind.STATUS]))
    business = BUSINESS | st.none() if kind is PackageKind.NEW else BUSINESS
    envelope = draw(
        st.builds(
            Envelope,
            kind=st.just(kind),
            sender=ORGANIZATIONS,
            receivers=st.lists(ORGANIZATIONS, min_size=1, max_size=3).map(tuple),
            document_id=WORDS,
            number=TEXT,
            notation=TEXT,
            place=TEXT,
            promulgated_on=st.none() | DAYS,
            type_code=TEXT,
            type_detail=TEXT,
            type_name=TEXT,
            subject=TEXT,
            content=TEXT,
            signer=st.none() | st.builds(Signer, competence=TEXT, position=TEXT, full_name=TEXT),
            due_on=st.none() | DAYS,
            to_places=_several(WORDS),
            priority=st.sampled_from(Priority),
            sphere=TEXT,
            typist=TEXT,
            copies=TEXT,
            pages=TEXT,
            reply_fors=TEXT,
            direction=TEXT,
            reference_codes=TEXT,
            appendixes=_several(WORDS),
            response_for=st.lists(REFERENCES, max_size=2).map(tuple),
            steering_type=TEXT,
            task_codes=_several(WORDS),
            application_type=TEXT,
            business=business,
            trace=st.lists(st.builds(Hop, code=CODES | st.just(""), at=WORDS), max_size=3).map(tuple),
            attachments=st.just(tuple(infos)),
        )
    )
    return envelope, [(info, draw(st.binary(min_size=1, max_size=40))) for info in infos]


@st.composite
def statuses(draw: st.DrawFn) -> Envelope:
    """Draw the envelope of a status package."""
    receiver, document_id, issued = draw(CODES), draw(WORDS), draw(st.none() | DAYS)
    number = draw(WORDS.map(lambda text: text.replace("/", "")).map(str.strip).filter(bool))
    notation = draw(TEXT)
    return Envelope(
        kind=PackageKind.STATUS,
        sender=draw(ORGANIZATIONS),
        receivers=(Organization(code=receiver),),
        document_id=document_id,
        number=number,
        notation=notation,
        promulgated_on=issued,
        response_for=(
            Reference(
                organ_code=receiver,
                document_id=document_id,
                code=f"{number}/{notation}" if notation else number,
                promulgated_on=f"{issued:%Y/%m/%d}" if issued else "",
            ),
        ),
        status=StatusAnswer(
            code=draw(st.sampled_from(["01", "02", "03", "06", "13", "14", "15", "16"])),
            description=draw(TEXT),
            at=draw(MOMENTS),
            staff=draw(st.none() | STAFF),
        ),
    )
