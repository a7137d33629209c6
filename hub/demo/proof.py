"""At the end: everything that was expected, held against what the systems have and what the hub's tables say.

each system has each of its deliveries once, with the bytes that were handed in
the hub knows these deliveries and no others, each in the state that it should be in
every answer that was given is recorded with its document, and no other
what was forwarded from an old code, and what its sender was told, is on record with the document
every signed package proves itself, offline, from what the addressee got
what was refused is on record as refused
the ledger verifies, and agrees with the tables
the evidence of an exchange proves itself with the root alone, and not when one octet of it is changed
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from hub import show
from hub.app import Hub
from hub.demo.auditor import audit
from hub.demo.cast import short
from hub.demo.display import Mark
from hub.demo.handed import Handed, about_codes
from hub.demo.stage import Stage
from hub.demo.systems import Arrival
from hub.events import actor, sentence
from hub.ledger import LedgerReport
from hub.model import Delivery, DeliveryState, TraceEvent
from hub.trace import Trace
from schemas.edxml.envelope import PackageKind
from schemas.text import Text
from schemas.xml import parse
from signing import xml
from signing.verdict import OUTCOMES, Outcome, Verdict

MOST = 100_000
BEGUN = "delivery.sending"  # how it ended says it too
LONG = ("next_try_at", "reason")


@dataclass(frozen=True, slots=True)
class Sum:
    """What the last page says of it all."""

    deliveries: int
    tries: int  # in vain
    ledger: LedgerReport


async def prove(stage: Stage, hub: Hub) -> Sum:
    """Show the way of one document, and check everything."""
    await stage.settled()
    await show_trace(stage, hub, stage.named["request"])
    show_signature(stage, hub, stage.named["request"])
    check_arrivals(stage, hub)
    deliveries = await hub.deliveries(None, MOST)
    check_deliveries(stage, deliveries)
    traces = [each for handed in stage.handed.values() for each in await hub.trace(handed.id)]
    check_answers(stage, traces)
    check_old_codes(stage, traces)
    await check_refusals(stage, hub)
    report = await check_ledger(stage, hub)
    await audit(stage, hub, stage.named["request"])
    in_vain = sum(
        attempt.outcome == "unavailable"
        for trace in traces
        for attempts in trace.attempts.values()
        for attempt in attempts
    )
    return Sum(len(deliveries), in_vain, report)


async def show_trace(stage: Stage, hub: Hub, handed: Handed) -> None:
    """Print the timeline of one document, as the ledger has it."""
    (trace,) = await hub.trace(handed.id)
    assert trace.message is not None
    title = Text(
        vi=f"Hành trình của {trace.message.code} theo sổ nhật ký (rút gọn; đầy đủ: edochub trace):",
        en=f"The way of {trace.message.code} by the ledger (in brief; all of it: edochub trace):",
    )
    stage.display.line(Mark.NOTE, title, "strong")
    addressees = {each.id: stage.cast[each.addressee].short for each in trace.deliveries}
    for event in trace.events:
        if event.kind == BEGUN:
            continue
        to = addressees.get(event.delivery or "")
        at = event.at.astimezone(show.VIETNAM).strftime("%H:%M:%S")
        said = f"{at}  {f'{to}: ' if to else ''}{sentence(brief(event), show.when)} · {actor(event)}"
        stage.display.detail(said, "plain")
        await stage.display.breathe(0.12)


def brief(event: TraceEvent) -> TraceEvent:
    """Return an event without what would make its line long; `edochub trace` tells all of it."""
    return replace(event, details={name: event.details[name] for name in event.details if name not in LONG})


def show_signature(stage: Stage, hub: Hub, handed: Handed) -> None:
    """Judge the signature of what one addressee holds, and say who signed."""
    arrival = next(each for each in arrivals_of(stage) if each.delivery in handed.deliveries)
    verdict = judged(arrival, hub)
    signer = short(verdict.signer or "-")
    outcome, who = OUTCOMES[verdict.outcome], stage.cast[arrival.to].short
    said = Text(
        vi=f"Chữ ký số trên bản mà {who} đang giữ: {outcome.vi}, {signer} ký",
        en=f"The signature on the copy that {who} holds: {outcome.en}, by {signer}",
    )
    stage.display.line(Mark.TAKEN if verdict.outcome is Outcome.VALID else Mark.REFUSED, said)


def check_arrivals(stage: Stage, hub: Hub) -> None:
    """Each delivery once, the bytes those that were handed in, each signature valid where it arrived."""
    arrivals = arrivals_of(stage)
    expected = [
        delivery
        for handed in stage.handed.values()
        for delivery, state in handed.expected.items()
        if state is DeliveryState.DELIVERED
    ]
    stage.checks.same(
        Text(vi="Các lượt chuyển đã đến nơi, mỗi lượt một lần", en="Deliveries that arrived, each once"),
        sorted(expected),
        sorted(arrival.delivery for arrival in arrivals),
    )
    sent = {delivery: handed.paper for handed in stage.handed.values() for delivery in handed.deliveries}
    for arrival in arrivals:
        paper, what = sent.get(arrival.delivery), f"{arrival.envelope.code} → {arrival.to}"
        if paper is not None:
            stage.checks.same(
                Text(vi=f"Nội dung của {what}", en=f"The bytes of {what}"),
                True,
                arrival.content == paper.content,
            )
        if arrival.envelope.kind is not PackageKind.STATUS:
            stage.checks.same(
                Text(vi=f"Chữ ký số của {what}", en=f"The signature of {what}"),
                Outcome.VALID,
                judged(arrival, hub).outcome,
            )


def check_deliveries(stage: Stage, found: list[Delivery]) -> None:
    """The hub has the deliveries that we know of, in the states that they should be in, and no others."""
    expected = {
        delivery: (handed.deliveries[delivery], state)
        for handed in stage.handed.values()
        for delivery, state in handed.expected.items()
    }
    got = {each.id: (each.addressee, each.state) for each in found}
    for delivery in sorted(expected.keys() | got.keys()):
        stage.checks.same(
            Text(vi=f"Lượt chuyển {delivery}", en=f"Delivery {delivery}"),
            expected.get(delivery),
            got.get(delivery),
        )


def check_answers(stage: Stage, traces: list[Trace]) -> None:
    """Each document has the answers that were given, and no others."""
    for trace in traces:
        assert trace.message is not None
        handed = stage.handed[trace.message.id]
        stage.checks.same(
            Text(vi=f"Trạng thái của {trace.message.code}", en=f"The answers to {trace.message.code}"),
            Counter(handed.answers),
            Counter((entry.sender, entry.code) for entry in trace.statuses),
        )


def check_old_codes(stage: Stage, traces: list[Trace]) -> None:
    """The ledger has to whom each old code was forwarded, and the message what its sender was told of it."""
    for trace in traces:
        assert trace.message is not None
        handed, what = stage.handed[trace.message.id], trace.message.code
        accepted = trace.events[0].details.get("deliveries", ())
        stage.checks.same(
            Text(vi=f"Chuyển tiếp từ mã cũ của {what}", en=f"Where {what} was forwarded from old codes"),
            {
                to: stage.cast.holder(to).code
                for to in handed.deliveries.values()
                if stage.cast.holder(to) is not stage.cast[to]
            },
            {each["to"]: each["forwarded_to"] for each in accepted if each.get("forwarded_to")},
        )
        stage.checks.same(
            Text(vi=f"Điều bên gửi {what} được báo", en=f"What the sender of {what} was told"),
            handed.told,
            about_codes(trace.message.findings),
        )


async def check_refusals(stage: Stage, hub: Hub) -> None:
    """What was refused is on record, with its reason."""
    for refusal in stage.refusals:
        codes = [each.refusal.code for each in await hub.trace(refusal) if each.refusal]
        stage.checks.same(
            Text(vi=f"Hồ sơ từ chối {refusal}", en=f"The record of the refusal {refusal}"),
            ["signature.required"],
            codes,
        )


async def check_ledger(stage: Stage, hub: Hub) -> LedgerReport:
    """The ledger is whole."""
    report = await hub.verify_ledger()
    stage.checks.same(Text(vi="Sổ nhật ký", en="The ledger"), [], [str(text) for text in report.broken])
    stage.checks.same(
        Text(vi="Sổ nhật ký ghi mọi gói tin đã nhận", en="The ledger has every package that was taken"),
        set(stage.handed),
        set(report.accepted),
    )
    said = Text(
        vi=f"Sổ nhật ký nguyên vẹn: {report.events} sự kiện, mã băm cuối {report.head[:16]}…",
        en=f"The ledger is whole: {report.events} events, last hash {report.head[:16]}…",
    )
    if not report.broken:
        stage.display.line(Mark.TAKEN, said)
    return report


def arrivals_of(stage: Stage) -> list[Arrival]:
    """Return what all systems have."""
    systems = {system.connected.id: system for system in stage.systems.values()}
    return [arrival for system in systems.values() for arrival in system.arrivals]


def judged(arrival: Arrival, hub: Hub) -> Verdict:
    """Return what is known of the one signature of a package."""
    (verdict,) = xml.verify(arrival.content, parse(arrival.content), hub.trust, hub.clock())
    return verdict
