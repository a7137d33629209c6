"""The documents of the demo, act by act: up to the province and the ministry, and the answers back down."""

from __future__ import annotations

from hub.demo import papers
from hub.demo.cast import (
    BINH_LIEU,
    CITY,
    CITY_OLD_CODE,
    CO_TO,
    HA_LONG,
    HAI_SON,
    HOME_AFFAIRS,
    MINISTRY,
    SCIENCE,
    VAN_DON,
)
from hub.demo.display import Mark
from hub.demo.handed import Handed
from hub.demo.papers import Draft
from hub.demo.stage import Stage
from hub.demo.troubles import watch
from hub.model import DeliveryState
from schemas.edxml.envelope import Priority
from schemas.text import Text

NOT_OURS = "Nội dung không thuộc thẩm quyền của phường"
FIGURES = "V/v báo cáo kết quả sắp xếp tổ chức bộ máy của phường, xã, đặc khu"


async def upwards(stage: Stage) -> None:
    """A commune writes to the city and a department; another one drops a file into its folder."""
    question = Draft(
        sender=BINH_LIEU,
        to=(CITY, HOME_AFFAIRS),
        number="15",
        notation="UBND-VHXH",
        subject="V/v đề nghị hướng dẫn bố trí người hoạt động không chuyên trách ở thôn",
    )
    report = Draft(
        sender=HAI_SON,
        to=(CITY_OLD_CODE, SCIENCE),
        number="48",
        notation="BC-UBND",
        type_name="Báo cáo",
        subject="Báo cáo kết quả chuyển đổi số năm 2026 của xã Hải Sơn",
    )
    stage.named["question"] = await new(stage, question)
    await stage.settled()
    stage.named["report"] = await new(stage, report)
    await stage.settled()


async def fan_out(stage: Stage) -> None:
    """The city writes to the ministry and three below it, urgently. One of them is down, one has not looked yet."""
    request = Draft(
        sender=CITY,
        to=(MINISTRY, VAN_DON, CO_TO, HA_LONG),
        number="1250",
        notation="UBND-TH",
        subject=FIGURES,
        priority=Priority.URGENT,
    )
    handed = stage.named["request"] = await new(stage, request)
    stage.down.append(handed)
    stage.start(lambda: watch(stage), "watch")
    await stage.settled(but=(CO_TO, HA_LONG))
    await stage.tried(handed, CO_TO)


async def answers(stage: Stage) -> None:
    """The addressees answer, one refuses, the ministry writes back; the commune hears of its question."""
    request, question = stage.named["request"], stage.named["question"]
    await refusal(stage, request)
    await stage.answer(VAN_DON, request, "03")
    await stage.answer(MINISTRY, request, "03")
    await stage.answer(MINISTRY, request, "04", "Phân công Vụ Chính quyền địa phương")
    await stage.answer(VAN_DON, request, "05", "Đang tổng hợp số liệu")
    await stage.answer(MINISTRY, request, "05", "Đang xem xét")
    assert request.paper is not None
    reply = Draft(
        sender=MINISTRY,
        to=(CITY, CO_TO),
        number="7731",
        notation="BNV-CQĐP",
        subject="V/v trả lời Ủy ban nhân dân thành phố Quảng Ninh về sắp xếp tổ chức bộ máy",
        answers=request.paper.envelope,
    )
    stage.named["reply"] = await new(stage, reply)
    stage.down.append(stage.named["reply"])
    await stage.answer(MINISTRY, request, "06", "Đã trả lời tại Công văn số 7731/BNV-CQĐP")
    await stage.answer(CITY, question, "03")
    await stage.answer(CITY, question, "06", "Đã có hướng dẫn của Bộ Nội vụ")
    await stage.settled(but=(CO_TO,))


async def refusal(stage: Stage, request: Handed) -> None:
    """A ward's clerk switches the system on, and refuses; the hub tells the sender by a status 02."""
    system = stage.on_api(HA_LONG)
    assert request.paper is not None
    system.refuses[request.paper.envelope.document_id] = NOT_OURS
    request.expect(HA_LONG, DeliveryState.REFUSED)
    request.answers.append((HA_LONG, "02"))
    said = Text(
        vi="phường Hạ Long mở hệ thống, xem văn bản và từ chối tiếp nhận",
        en="phường Hạ Long switches its system on, looks at the document and refuses it",
    )
    stage.display.line(Mark.REFUSED, said)
    stage.start(system.run, system.connected.id)
    await stage.told(CITY, HA_LONG, "02")


async def changes(stage: Stage) -> None:
    """The city updates its document, and then puts another one in its place."""
    request = stage.named["request"]
    assert request.paper is not None
    concerned, key = (MINISTRY, VAN_DON, CO_TO), stage.key(CITY)
    update = papers.updated(
        request.paper, concerned, f"{FIGURES} (số liệu đến ngày 31/10)", "Cập nhật số liệu", key
    )
    stage.named["update"] = await stage.post(update)
    await stage.settled()
    await stage.answer(MINISTRY, stage.named["update"], "15", "Đồng ý cập nhật")
    instead = Draft(
        sender=CITY,
        to=concerned,
        number="1262",
        notation="UBND-TH",
        subject=f"{FIGURES} (thay thế Công văn số 1250/UBND-TH)",
        priority=Priority.URGENT,
    )
    why = "Thay đổi thời hạn báo cáo"
    replacement = papers.replaced(request.paper, instead, why, stage.cast, key, stage.clock())
    stage.named["replacement"] = await stage.post(replacement)
    await stage.settled()


async def taken_back(stage: Stage) -> None:
    """The commune asks two addressees for its report; one agrees and is sent the revocation, one does not."""
    report = stage.named["report"]
    assert report.paper is not None
    for addressee in (SCIENCE, CITY_OLD_CODE):
        document, asked = report.paper.envelope, stage.organization(addressee)
        await stage.post(
            papers.status(document, document.sender, asked, "13", "Gửi nhầm bản dự thảo", stage.clock())
        )
        report.answers.append((HAI_SON, "13"))
    await stage.settled()
    await stage.answer(SCIENCE, report, "15", "Đồng ý, đã hủy bản nhận được")
    await stage.answer(CITY, report, "16", "Báo cáo đã được tổng hợp, không thể lấy lại")
    revocation = papers.revoked(report.paper, (SCIENCE,), "Gửi nhầm bản dự thảo", stage.key(HAI_SON))
    stage.named["revocation"] = await stage.post(revocation)
    await stage.settled()


async def new(stage: Stage, draft: Draft) -> Handed:
    """Write, sign and hand in a new document."""
    return await stage.post(papers.write(draft, stage.cast, stage.key(draft.sender), stage.clock()))
