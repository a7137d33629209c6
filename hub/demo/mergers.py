"""A document to communes that ended with the mergers of 2025: one reaches the successor, one waits for a person."""

from __future__ import annotations

from hub.demo.acts import new
from hub.demo.cast import BINH_LIEU, HOME_AFFAIRS, HUC_DONG, TIEN_YEN, VO_NGAI
from hub.demo.display import Mark
from hub.demo.handed import Handed
from hub.demo.papers import Draft
from hub.demo.stage import Stage
from hub.model import DeliveryState
from schemas.text import Text

# What the sender has to be told of each old code: the finding, and the codes that it names.
TOLD = {
    "addressee.forwarded": (HUC_DONG, BINH_LIEU),
    "addressee.split": (VO_NGAI, BINH_LIEU, TIEN_YEN),
}


async def old_codes(stage: Stage) -> None:
    """A department writes to two old codes; the successor answers under its own."""
    draft = Draft(
        sender=HOME_AFFAIRS,
        to=(HUC_DONG, VO_NGAI),
        number="318",
        notation="SNV-CCVC",
        subject="V/v hoàn thiện hồ sơ công chức của các xã trước khi sắp xếp",
    )
    letter = stage.named["old-codes"] = await new(stage, draft)
    letter.expect(VO_NGAI, DeliveryState.HELD)
    check_told(stage, letter)
    await stage.settled()
    check_arrived(stage, letter)
    await check_held(stage, letter)
    await stage.answer(BINH_LIEU, letter, "03", "Đã vào sổ của xã Bình Liêu")
    await stage.settled()


def check_told(stage: Stage, letter: Handed) -> None:
    """The sender is told, in both languages, the code that it wrote and those that took over, and nothing else."""
    stage.checks.same(
        Text(vi="Điều bên gửi được báo về các mã cũ", en="What the sender is told of the old codes"),
        {name: (codes, codes) for name, codes in TOLD.items()},
        {
            finding.code: tuple(
                tuple(code for code in TOLD.get(finding.code, ()) if code in said)
                for said in (finding.message.vi, finding.message.en)
            )
            for finding in letter.told
        },
    )


def check_arrived(stage: Stage, letter: Handed) -> None:
    """The letter to the old code is with the successor, and with nobody else."""
    stage.checks.same(
        Text(vi="Ai đang giữ văn bản gửi các mã cũ", en="Who has the letter to the old codes"),
        [(stage.systems[BINH_LIEU].connected.id, HUC_DONG)],
        [
            (system.connected.id, arrival.to)
            for system in {each.connected.id: each for each in stage.systems.values()}.values()
            for arrival in system.arrivals
            if arrival.delivery in letter.deliveries
        ],
    )


async def check_held(stage: Stage, letter: Handed) -> None:
    """The letter to the divided commune waits for a person, and says between whom to choose."""
    found = await stage.standing(letter, VO_NGAI)
    reason = Text.from_json(found["reason"] or {"vi": "", "en": ""})
    stage.checks.same(
        Text(vi="Văn bản gửi xã Vô Ngại", en="The letter to xã Vô Ngại"),
        (DeliveryState.HELD, True),
        (
            found["state"],
            all(code in said for code in TOLD["addressee.split"] for said in (reason.vi, reason.en)),
        ),
    )
    waits = Text(
        vi="Văn bản gửi xã Vô Ngại được tạm giữ, chờ người vận hành chọn xã Bình Liêu hay xã Tiên Yên (xem bên dưới)",
        en="The letter to xã Vô Ngại is held until an operator chooses xã Bình Liêu or xã Tiên Yên (see below)",
    )
    stage.display.line(Mark.WAITING, waits)
