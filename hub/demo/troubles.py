"""What goes wrong in the demo, and what the hub does about it: a system that is down, an altered package, a repeat."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hub.demo import papers
from hub.demo.cast import BAI_CHAY, CITY, CO_TO, FINANCE, HOANH_MO, MONG_CAI
from hub.demo.checks import Differs
from hub.demo.display import Mark
from hub.demo.papers import Draft, Paper
from hub.demo.stage import Stage
from hub.model import DeliveryState
from schemas.findings import Finding
from schemas.text import Text

LOOK_SECONDS = 0.1
TOLD_TRIES = 3  # after so many, the board alone counts them
LEAST_TRIES = 3  # before the system comes back: of two documents, one is tried again

SIGNED_SUM, ALTERED_SUM = "phân bổ 500 triệu", "phân bổ 900 triệu"


async def watch(stage: Stage) -> None:
    """Follow, through the sender's eyes, what waits for the system that is down; say so until it has it all."""
    told = 0
    while True:
        found = [await stage.standing(handed, CO_TO) for handed in stage.down]
        tries = stage.tries = sum(each["attempts"] for each in found)
        waiting = sum(each["state"] != DeliveryState.DELIVERED for each in found)
        trouble = Text(
            vi=f"không trả lời; {waiting} văn bản chờ, đã thử {tries} lần",
            en=f"does not answer; {waiting} documents wait, {tries} tries so far",
        )
        stage.board.trouble(CO_TO, trouble if waiting and not stage.is_up else None)
        if told < tries <= TOLD_TRIES and not stage.is_up:
            told = tries
            said = Text(
                vi=f"đặc khu Cô Tô không trả lời (lần gửi {tries}); trục giữ văn bản và sẽ gửi lại",
                en=f"đặc khu Cô Tô does not answer (try {tries}); the hub keeps the document and tries again",
            )
            stage.display.line(Mark.WAITING, said)
        await asyncio.sleep(LOOK_SECONDS)


async def comes_back(stage: Stage) -> None:
    """The system that was down answers again, and gets everything that has waited for it."""
    await stage.until(
        lambda: stage.tries >= LEAST_TRIES,
        Text(vi="trục thử gửi lại cho Cô Tô", en="the hub tries Cô Tô again"),
    )
    said = Text(
        vi=f"Sau {stage.tries} lần gửi không thành, hệ thống của đặc khu Cô Tô hoạt động trở lại",
        en=f"After {stage.tries} tries in vain, the system of đặc khu Cô Tô is up again",
    )
    stage.is_up = True
    stage.receiver.come_up()
    stage.display.line(Mark.TAKEN, said, "strong")
    await stage.settled()
    for handed in stage.down:
        found = await stage.standing(handed, CO_TO)
        stage.checks.same(
            Text(vi=f"Lượt chuyển {found['id']} tới Cô Tô", en=f"Delivery {found['id']} to Cô Tô"),
            (DeliveryState.DELIVERED, True),
            (found["state"], found["attempts"] >= 1),
        )
    request = stage.named["request"]
    tries = (await stage.standing(request, CO_TO))["attempts"]
    stage.checks.same(
        Text(vi="Văn bản đầu tiên tới Cô Tô phải gửi lại", en="The first document to Cô Tô was sent again"),
        True,
        tries >= 2,
    )
    await stage.answer(CO_TO, request, "03")


async def altered(stage: Stage) -> None:
    """One byte of a signed package changes on the way: refused. As it was signed it is taken."""
    draft = Draft(
        sender=FINANCE,
        to=(MONG_CAI, HOANH_MO),
        number="932",
        notation="STC-NS",
        subject=f"V/v {SIGNED_SUM} đồng kinh phí chuyển đổi số",
    )
    genuine = papers.write(draft, stage.cast, stage.key(FINANCE), stage.clock())
    await refused(stage, genuine)
    said = Text(
        vi="Gói tin nguyên vẹn, đúng như đã ký, thì được tiếp nhận:",
        en="The package as it was signed is taken:",
    )
    stage.display.detail(said)
    stage.named["sum"] = await stage.post(genuine)
    await stage.settled()


async def refused(stage: Stage, genuine: Paper) -> None:
    """Hand the altered package in, and expect the refusal that names what is wrong."""
    content = genuine.content.replace(SIGNED_SUM.encode(), ALTERED_SUM.encode(), 1)
    said = Text(
        vi="Sở Tài chính gửi 932/STC-NS; trên đường, một byte bị đổi: 500 triệu thành 900 triệu",
        en="Sở Tài chính sends 932/STC-NS; on the way one byte is changed: 500 million become 900 million",
    )
    stage.display.line(Mark.SENT, said, "strong")
    differing = sum(one != other for one, other in zip(content, genuine.content, strict=True))
    stage.checks.same(Text(vi="Số byte bị đổi", en="Bytes changed"), 1, differing)
    reply, _ = await stage.submit(replace(genuine, content=content), "-altered")
    findings = [Finding.from_json(each) for each in reply.body.get("findings", ())]
    stage.checks.same(
        Text(vi="Câu trả lời cho gói tin bị sửa", en="The answer to the altered package"),
        (422, "signature.required", ["signature.altered"]),
        (reply.status, reply.body.get("error", {}).get("code"), [finding.code for finding in findings]),
    )
    if reply.status < 400:
        raise Differs(
            Text(vi="Gói tin bị sửa mà vẫn được tiếp nhận", en="The altered package was taken all the same")
        )
    stage.refusals.append(reply.body["refusal"])
    stage.board.totals.refused += 1
    for finding in findings:
        said = Text(vi=f"Trục từ chối: {finding.message.vi}", en=f"The hub refuses it: {finding.message.en}")
        stage.display.line(Mark.REFUSED, said, "bad")
        stage.display.detail(f"→ {finding.remedy} ({finding.code})")
    await stage.display.breathe(1.5)


async def repeated(stage: Stage) -> None:
    """A sender that is not sure whether it was heard sends again: the same id, and nothing twice."""
    draft = Draft(
        sender=CITY,
        to=(BAI_CHAY,),
        number="77",
        notation="GM-UBND",
        type_name="Giấy mời",
        subject="Giấy mời họp giao ban công tác chuyển đổi số",
    )
    paper = papers.write(draft, stage.cast, stage.key(CITY), stage.clock())
    first = stage.named["invitation"] = await stage.post(paper)
    first.expect(BAI_CHAY, DeliveryState.AVAILABLE)
    reply, _ = await stage.submit(paper, "-again")
    stage.checks.same(
        Text(vi="Câu trả lời cho lần gửi lặp lại", en="The answer to the repeat"),
        (200, True, first.id, set(first.deliveries)),
        (
            reply.status,
            reply.body["duplicate"],
            reply.body["id"],
            {each["id"] for each in reply.body["deliveries"]},
        ),
    )
    said = Text(
        vi=f"Gửi lại đúng gói tin đó: vẫn mã {reply.body['id']}, không chuyển thêm lượt nào",
        en=f"The same package again: still {reply.body['id']}, and nothing more is delivered",
    )
    stage.display.line(Mark.TAKEN, said)
    waiting = await stage.on_api(BAI_CHAY).inbox(0)
    stage.checks.same(
        Text(vi="Hộp thư đến của phường Bãi Cháy", en="The inbox of phường Bãi Cháy"),
        list(first.deliveries),
        [each["id"] for each in waiting],
    )
    left = Text(
        vi="Giấy mời chờ trong hộp thư đến của phường Bãi Cháy: dành cho ông/bà tự lấy (xem bên dưới)",
        en="The invitation waits in the inbox of phường Bãi Cháy, for you to take (see below)",
    )
    stage.display.detail(left)
