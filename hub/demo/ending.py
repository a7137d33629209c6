"""What is printed last: the sum of it, what went otherwise if anything did, and what to try next."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from hub import show
from hub.demo.board import Board, seconds
from hub.demo.cast import BAI_CHAY, HUC_DONG, TIEN_YEN, connected
from hub.demo.ground import Ground
from hub.demo.play import Played
from hub.show import Toned
from schemas.text import Text, language

INVENTED = Text(
    vi="H49 (thành phố Quảng Ninh) và G09 (Bộ Nội vụ) là mã thật; mọi mã dưới H49 (H49.DEMO.…) là mã tự đặt cho bản "
    "trình diễn, vì chưa có danh mục công khai. Nội dung văn bản và chứng thư đều để thử nghiệm.",
    en="H49 (the city of Quảng Ninh) and G09 (the Ministry of Home Affairs) are real codes; all codes below H49 "
    "(H49.DEMO.…) are invented for this demo, since no list of them is public. Documents and certificates are made up.",
)


def tell(played: Played, ground: Ground, board: Board, whole_seconds: float) -> None:
    """Print the last page."""
    if played.sum is not None:
        show.heading(Text(vi="Tổng kết", en="In sum"))
        show.facts(_facts(played, ground, board, whole_seconds))
    for difference in played.checks.differences:
        show.complain(Toned(f"✗ {difference}", "bad"))
    if played.checks.differences:
        count = len(played.checks.differences)
        failed = Text(
            vi=f"Có {count} điều khác với dự kiến, nêu ở trên. Nhật ký của trục: {ground.folder / 'hub.log'}",
            en=f"{count} things differ from what was expected; see above. The hub's log: {ground.folder / 'hub.log'}",
        )
        show.complain(Toned(failed, "bad"))
        return
    show.line(
        Toned(
            Text(
                vi=f"✓ {played.checks.held} điều kiểm tra, tất cả đúng như dự kiến.",
                en=f"✓ {played.checks.held} checks, all as expected.",
            ),
            "good",
        )
    )
    show.heading(Text(vi="Ông/bà có thể thử tiếp", en="What to try next"))
    for about, words in suggestions(played, ground):
        show.line(Toned(f"  # {about}", "quiet"))
        show.line(f"  {words}")


def _facts(
    played: Played, ground: Ground, board: Board, whole_seconds: float
) -> Iterator[tuple[Text, object]]:
    assert played.sum is not None
    totals = board.totals
    yield Text(vi="Văn bản", en="Documents"), totals.documents
    yield Text(vi="Trạng thái", en="Answers"), totals.answers
    yield Text(vi="Lượt chuyển", en="Deliveries"), played.sum.deliveries
    yield Text(vi="Lần gửi không thành, đã gửi lại", en="Tries in vain, repeated"), played.sum.tries
    yield Text(vi="Gói tin bị từ chối", en="Packages refused"), totals.refused
    yield Text(vi="Sự kiện trong sổ nhật ký", en="Events in the ledger"), played.sum.ledger.events
    yield Text(vi="Thời gian", en="Time"), f"{seconds(whole_seconds)} {Text(vi='giây', en='s')}"
    yield Text(vi="Thư mục", en="Folder"), shown(ground.folder)


def suggestions(played: Played, ground: Ground) -> Iterator[tuple[Text, str]]:
    """Yield commands that work on what the demo leaves behind, each with what it is for."""
    own, bai_chay = program(ground), connected(BAI_CHAY).id
    trust = shown(ground.config.path(ground.config.trust.anchors))
    altered = shown(next(ground.documents.glob("*-altered.edxml")))
    invitation = played.deliveries["invitation"]
    yield (
        Text(
            vi="Văn bản đang ở đâu, đã qua những bước nào?",
            en="Where is a document, and what happened to it?",
        ),
        f"{own} trace {played.named['request']}",
    )
    yield (
        Text(vi="Vì sao gói tin bị từ chối?", en="Why was the package refused?"),
        f"{own} trace {played.refusals[0]}",
    )
    yield (
        Text(
            vi="Ông/bà là phường Bãi Cháy: xem hộp thư đến, rồi nhận giấy mời",
            en="Be phường Bãi Cháy: look, then take",
        ),
        f"{own} inbox {bai_chay}",
    )
    yield Text(vi="… báo đã nhận", en="… say that you have it"), f"{own} take {invitation}"
    yield (
        Text(vi="… và trả lời", en="… and answer"),
        f"{own} status {played.named['invitation']} 03 --as {bai_chay}",
    )
    yield (
        Text(vi="Văn bản gửi một mã cũ sẽ đi đâu?", en="Where does a document to an old code go?"),
        f"{own} route {HUC_DONG}",
    )
    yield (
        Text(
            vi="Ông/bà là người vận hành: xã Vô Ngại đã chia đôi, văn bản này của xã Tiên Yên",
            en="Be the operator: xã Vô Ngại was divided, and this letter is for xã Tiên Yên",
        ),
        f"{own} resume {played.deliveries['old-codes']} --to {TIEN_YEN}",
    )
    yield (
        Text(
            vi="Chữ ký số của gói tin bị sửa: không hợp lệ",
            en="The signature of the altered package: invalid",
        ),
        f"{own} verify {altered} --trust {trust}",
    )
    yield (
        Text(
            vi="Bằng chứng của văn bản đầu tiên, kiểm chứng chỉ với chứng thư gốc",
            en="The evidence of the first document, verified with the root alone",
        ),
        f"{own} verify {shown(ground.evidence)} --trust {shown(ground.root)} --hub {shown(ground.hub_certificate)}",
    )
    yield Text(vi="Sổ nhật ký còn nguyên vẹn không?", en="Is the ledger whole?"), f"{own} ledger verify"
    yield (
        Text(
            vi="Kiểm tra trục (hệ thống của Cô Tô đã tắt cùng bản trình diễn)",
            en="Look the hub over (Cô Tô's system went with the demo)",
        ),
        f"{own} doctor",
    )
    yield Text(vi="Chạy trục này; dừng bằng Ctrl-C", en="Run this hub; Ctrl-C stops it"), f"{own} serve"


def program(ground: Ground) -> str:
    """Return the command as the reader has to type it, from where they are."""
    typed = sys.argv[0]
    found = shutil.which("edochub")
    known = found is not None and Path(found).resolve() == Path(typed).resolve()
    name = "edochub" if known or not Path(typed).name.startswith("edochub") else typed
    language_too = " --lang en" if language.get() == "en" else ""
    return f"{shlex.quote(name)}{language_too} --config {shown(ground.folder / 'edochub.toml')}"


def shown(path: Path) -> str:
    """Return a path as a shell takes it, relative where that is shorter."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
