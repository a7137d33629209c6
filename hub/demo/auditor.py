"""The auditor: evidence of one exchange, verified with nothing but the file and the root; then one octet is changed."""

from __future__ import annotations

import asyncio
from datetime import datetime

from hub import evidence
from hub.app import Hub
from hub.demo.display import Mark
from hub.demo.ground import Ground
from hub.demo.handed import Handed
from hub.demo.stage import Stage
from hub.durable import write_durably
from schemas.text import Text
from signing.evidence import PACKAGE
from signing.verdict import Outcome
from signing.verifier import Report, examine, trust_from


async def audit(stage: Stage, hub: Hub, handed: Handed) -> None:
    """Make the evidence of a document, keep it for the reader, and verify it as a stranger would."""
    made = await evidence.make(hub, handed.id)
    ground, now = stage.ground, hub.clock()
    write_durably(ground.evidence, made.content)
    whole = await asyncio.to_thread(_verified, ground, made.content, now)
    stage.checks.same(
        Text(
            vi="Bằng chứng, kiểm tra chỉ với chứng thư gốc", en="The evidence, verified with the root alone"
        ),
        Outcome.VALID,
        whole.outcome,
    )
    said = Text(
        vi=f"Bằng chứng ({len(made.content) // 1024} KB) tự chứng minh, không cần trục: {len(whole.parts)} phần",
        en=f"The evidence ({len(made.content) // 1024} KB) proves itself without the hub: {len(whole.parts)} parts",
    )
    if whole.outcome is Outcome.VALID:
        stage.display.line(Mark.TAKEN, said)
    await _altered(stage, made.content, now)


async def _altered(stage: Stage, content: bytes, now: datetime) -> None:
    """Change one octet of the document inside; the verifier must say no, and where."""
    altered = bytearray(content)
    altered[content.index(b"</edXML") - 1] ^= 1
    report = await asyncio.to_thread(_verified, stage.ground, bytes(altered), now)
    named = {
        name for part in report.parts if part.outcome is Outcome.INVALID for name in part.name.split(", ")
    }
    stage.checks.same(
        Text(vi="Bằng chứng bị đổi một byte", en="The evidence with one octet changed"),
        (Outcome.INVALID, True),
        (report.outcome, PACKAGE in named),
    )
    if report.outcome is Outcome.INVALID and PACKAGE in named:
        said = Text(
            vi=f"Đổi một byte trong đó: không hợp lệ, và phần bị đổi được nêu tên: {PACKAGE}",
            en=f"One octet of it changed: invalid, and the part is named: {PACKAGE}",
        )
        stage.display.line(Mark.REFUSED, said)


def _verified(ground: Ground, content: bytes, now: datetime) -> Report:
    return examine(content, ground.evidence.name, trust_from([ground.root], [ground.hub_certificate]), now)
