"""The sentences of the story: what is handed in, taken, has arrived and is answered, each as one line."""

from __future__ import annotations

from collections.abc import Iterable

from hub.demo.cast import Cast, short
from hub.demo.display import Display, Mark
from hub.demo.papers import Paper
from hub.demo.systems import Arrival, Reply
from schemas.edxml.codes import PRIORITY_NAMES, kind_name, status_name
from schemas.edxml.envelope import Priority
from schemas.findings import Finding
from schemas.text import Text


def sending(display: Display, cast: Cast, paper: Paper) -> None:
    """An agency hands a package in."""
    envelope = paper.envelope
    sender, to = cast[envelope.sender.code].short, names(cast, (each.code for each in envelope.receivers))
    if envelope.status is not None:
        code, meant = envelope.status.code, status_name(envelope.status.code)
        said = Text(
            vi=f"{sender} gửi trạng thái {code} – {meant.vi} tới {to}",
            en=f"{sender} sends status {code} – {meant.en} to {to}",
        )
        display.line(Mark.SENT, said, "strong")
        return
    kind, priority = kind_name(envelope.kind), PRIORITY_NAMES[envelope.priority]
    urgent = envelope.priority is not Priority.NORMAL
    said = Text(
        vi=f"{sender} gửi {envelope.code} [{kind.vi}{f', {priority.vi}' if urgent else ''}] tới {to}",
        en=f"{sender} sends {envelope.code} [{kind.en}{f', {priority.en}' if urgent else ''}] to {to}",
    )
    display.line(Mark.SENT, said, "strong")
    display.detail(f"“{envelope.subject}”")


def taken(display: Display, reply: Reply, milliseconds: float) -> None:
    """The hub has taken it."""
    signer, count = short(reply.body["signatures"][0]["signer"] or "-"), len(reply.body["deliveries"])
    identity, many = reply.body["id"], "" if count == 1 else "s"
    said = Text(
        vi=f"Trục tiếp nhận {identity}: chữ ký số hợp lệ ({signer}), {count} nơi nhận, {milliseconds:.0f} ms",
        en=f"The hub takes {identity}: valid signature ({signer}), {count} addressee{many}, {milliseconds:.0f} ms",
    )
    display.line(Mark.TAKEN, said)


def warned(display: Display, findings: Iterable[Finding]) -> None:
    """The hub tells the sender what it made of a code that is no longer an agency's."""
    for finding in findings:
        message = finding.message
        said = Text(
            vi=f"Trục báo bên gửi: {message.vi}",
            en=f"The hub tells the sender: {message.en}",
        )
        display.line(Mark.ANSWER, said, "warning")
        display.detail(f"→ {finding.remedy} ({finding.code})")


def arrived(display: Display, cast: Cast, arrival: Arrival, *, whole: bool) -> None:
    """A document is with an addressee; `whole` if it is what was sent, byte for byte."""
    envelope, holder, kind = arrival.envelope, cast.holder(arrival.to), kind_name(arrival.envelope.kind)
    kept = Text(vi="khớp từng byte", en="byte for byte") if whole else Text(vi="KHÁC BẢN GỐC", en="ALTERED")
    who, written = holder.short, cast[arrival.to]
    if written is not holder:
        kept = Text(
            vi=f"gửi tới mã cũ {written.code} của {written.short}, {kept.vi}",
            en=f"sent to the old code {written.code} of {written.short}, {kept.en}",
        )
    said = Text(
        vi=f"{who} đã nhận {envelope.code} ({kind.vi.lower()}), {kept.vi}",
        en=f"{who} has {envelope.code} ({kind.en.lower()}), {kept.en}",
    )
    display.line(Mark.ARRIVED if whole else Mark.REFUSED, said, "plain" if whole else "bad")


def answered(display: Display, cast: Cast, arrival: Arrival) -> None:
    """An answer is with whom it is for."""
    envelope = arrival.envelope
    assert envelope.status is not None
    code, meant = envelope.status.code, status_name(envelope.status.code)
    who, speaker = cast[arrival.to].short, cast[envelope.sender.code].short
    reason = f": “{envelope.status.description}”" if envelope.status.description else ""
    said = Text(
        vi=f"{speaker} báo {who}: {code} – {meant.vi} ({envelope.code}){reason}",
        en=f"{speaker} tells {who}: {code} – {meant.en} ({envelope.code}){reason}",
    )
    display.line(Mark.ANSWER, said, "quiet" if code == "01" else "plain")


def names(cast: Cast, codes: Iterable[str]) -> str:
    """Return the names of agencies, for a sentence."""
    return ", ".join(cast[code].short for code in codes)
