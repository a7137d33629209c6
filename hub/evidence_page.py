"""The summary that lies in the evidence: what happened to a document, for a reader with nothing but a browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lxml import etree
from lxml.html import builder as E

from hub.events import actor, sentence
from hub.model import Message, StoredRefusal, TraceEvent
from hub.store.ledger import event_of
from schemas.edxml.codes import kind_name, status_name
from schemas.text import Text, speaking
from signing import evidence
from signing.evidence import Index
from signing.verdict import Outcome
from signing.verifier import page

if TYPE_CHECKING:
    from hub.evidence import Answer, Exchange

PARTS: dict[str, Text] = {
    evidence.INDEX: Text(vi="bằng chứng nói về gì", en="what this is about"),
    evidence.PACKAGE: Text(
        vi="gói tin đúng từng byte như đã nhận", en="the package, octet for octet as received"
    ),
    evidence.VERDICTS: Text(
        vi="kết quả kiểm tra chữ ký do trục ghi", en="the verdicts that the hub recorded"
    ),
    evidence.EVENTS: Text(vi="các sự kiện, đúng như đã băm", en="the events, as they were hashed"),
    evidence.PROOFS: Text(vi="vị trí của từng sự kiện trong sổ", en="each event's place in the ledger"),
    evidence.CHECKPOINT: Text(vi="mốc niêm phong đã ký của sổ nhật ký", en="the ledger's signed checkpoint"),
    evidence.CHECKPOINT_STAMP: Text(vi="dấu thời gian của mốc niêm phong", en="the checkpoint's time stamp"),
    "answer": Text(vi="văn bản trả lời, đúng từng byte", en="an answer, octet for octet"),
    "receipt": Text(vi="biên nhận do trục ký", en="a receipt that the hub signed"),
    "certificate": Text(vi="chứng thư", en="a certificate"),
    "crl": Text(vi="danh sách thu hồi chứng thư", en="a revocation list"),
    "ocsp": Text(vi="trả lời trạng thái chứng thư", en="an answer on a certificate's state"),
}
HOW_TO = Text(
    vi="Trang này chỉ để đọc. Để kiểm chứng, chạy “edochub verify TỆP --trust CHỨNG_THƯ_GỐC”: mọi phần dưới đây được "
    "đối chiếu với nhau và với sổ nhật ký, không cần mạng.",
    en="This page is for reading only. To verify, run “edochub verify FILE --trust ROOT”: every part below is held "
    "against the others and against the ledger, offline.",
)


def of(exchange: Exchange, index: Index, files: Iterable[str]) -> bytes:
    """Return the page."""
    title = Text(
        vi=f"Bằng chứng trao đổi văn bản {index.code or index.id}",
        en=f"Evidence of exchange {index.code or index.id}",
    )
    events = [event_of(row) for row in exchange.rows]
    return page.page(
        title,
        [
            page.both(title, "h1"),
            _head(exchange, index),
            page.both(HOW_TO),
            *_timeline(events),
            *_answers(exchange.answers),
            *_signatures(exchange.message),
            *_contents(files),
        ],
    )


def _head(exchange: Exchange, index: Index) -> etree._Element:
    about = _document(exchange.message) if exchange.message else _refused(exchange.refusal)
    sealed = exchange.sealed
    return page.facts(
        [
            *about,
            (Text(vi="Trục", en="Hub"), f"{index.hub_name} ({index.hub})"),
            (Text(vi="Sổ nhật ký", en="Ledger"), _size(sealed.size)),
            (Text(vi="Mã gốc của sổ", en="Root of the ledger"), sealed.root),
            (Text(vi="Lập bằng chứng lúc", en="Evidence made"), index.made_at),
        ]
    )


def _size(size: int) -> Text:
    return Text(vi=f"{size} sự kiện tại mốc niêm phong", en=f"{size} events at the checkpoint")


def _document(message: Message) -> list[tuple[Text, object]]:
    return [
        (Text(vi="Loại", en="Kind"), kind_name(message.kind)),
        (Text(vi="Số, ký hiệu", en="Number"), message.code),
        (Text(vi="Trích yếu", en="Subject"), message.subject),
        (Text(vi="Nơi gửi", en="From"), f"{message.sender_name} ({message.sender})"),
        (Text(vi="Trục tiếp nhận lúc", en="Accepted"), message.accepted_at),
        (Text(vi="DocumentId", en="DocumentId"), message.document_id),
        (Text(vi="Mã của trục", en="The hub's id"), message.id),
        (Text(vi="SHA-256", en="SHA-256"), message.sha256),
        (Text(vi="Kích thước", en="Size"), Text(vi=f"{message.size} byte", en=f"{message.size} bytes")),
    ]


def _refused(refusal: StoredRefusal | None) -> list[tuple[Text, object]]:
    if refusal is None:
        return []
    return [
        (Text(vi="Bị từ chối vì", en="Refused because"), refusal.message),
        (Text(vi="Lúc", en="At"), refusal.at),
        (Text(vi="Nơi gửi", en="From"), refusal.sender),
        (Text(vi="SHA-256", en="SHA-256"), refusal.sha256),
    ]


def _timeline(events: Sequence[TraceEvent]) -> Iterator[etree._Element]:
    yield page.both(Text(vi="Những gì đã xảy ra", en="What happened"), "h2")
    columns = [
        Text(vi="Số", en="Number"),
        Text(vi="Lúc", en="At"),
        Text(vi="Sự kiện", en="Event"),
        Text(vi="Nơi nhận", en="Addressee"),
        Text(vi="Ai", en="By"),
    ]
    to = _addressees(events)
    rows = [
        [event.seq, event.at, _said(event), to.get(event.delivery or "", ""), _actor(event)]
        for event in events
    ]
    yield page.table(columns, rows)


def _addressees(events: Iterable[TraceEvent]) -> dict[str, str]:
    """Return to whom each delivery goes, as the event of the acceptance says."""
    return {told["id"]: told["to"] for event in events for told in event.details.get("deliveries", ())}


def _said(event: TraceEvent) -> Text:
    with speaking("vi"):
        vi = sentence(event, page.shown)
    with speaking("en"):
        en = sentence(event, page.shown)
    return Text(vi=vi, en=en)


def _actor(event: TraceEvent) -> Text:
    with speaking("vi"):
        vi = actor(event)
    with speaking("en"):
        en = actor(event)
    return Text(vi=vi, en=en)


def _answers(answers: Iterable[Answer]) -> Iterator[etree._Element]:
    rows = [
        [
            f"{answer.message.sender_name} ({answer.message.sender})",
            f"{answer.message.status_code}",
            status_name(answer.message.status_code or ""),
            answer.message.accepted_at,
        ]
        for answer in answers
    ]
    if rows:
        yield page.both(Text(vi="Trả lời", en="Answers"), "h2")
        columns = [
            Text(vi="Cơ quan", en="Agency"),
            Text(vi="Mã", en="Code"),
            Text(vi="Trạng thái", en="Status"),
            Text(vi="Lúc", en="At"),
        ]
        yield page.table(columns, rows)


def _signatures(message: Message | None) -> Iterator[etree._Element]:
    if message is None or not message.verdicts:
        return
    yield page.both(
        Text(vi="Chữ ký số, theo kết quả trục đã ghi", en="Signatures, as the hub recorded"), "h2"
    )
    columns = [
        Text(vi="Của", en="Of"),
        Text(vi="Kết quả", en="Outcome"),
        Text(vi="Người ký", en="Signer"),
        Text(vi="Vì sao", en="Why"),
    ]
    yield page.table(columns, [_verdict(verdict) for verdict in message.verdicts])


def _verdict(verdict: dict[str, Any]) -> list[object]:
    why = [page.both(Text.from_json(reason["message"])) for reason in verdict["reasons"]]
    whole = Text(vi="gói tin", en="the package")
    return [
        verdict.get("part") or whole,
        page.mark(Outcome(verdict["outcome"])),
        verdict.get("signer") or "–",
        E.DIV(*why),
    ]


def _contents(files: Iterable[str]) -> Iterator[etree._Element]:
    yield page.both(Text(vi="Các phần của bằng chứng", en="What the evidence holds"), "h2")
    rows = [[E.CODE(name), PARTS.get(name) or PARTS.get(name.partition("-")[0]) or name] for name in files]
    yield page.table([Text(vi="Tệp", en="File"), Text(vi="Nội dung", en="Content")], rows)
