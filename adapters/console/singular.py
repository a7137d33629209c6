"""What English says of one thing, where `words.SENTENCES` speaks of many. Vietnamese has no plural."""

from __future__ import annotations

from schemas.text import Sentence

# By the key of the sentence: which blank counts, and what is said when it is one.
OF_ONE: dict[str, tuple[str, Sentence]] = {
    "behind": (
        "n",
        Sentence(
            vi="Chỉ mục tìm kiếm còn {n} sự kiện chưa đọc; văn bản mới nhất có thể chưa tìm thấy.",
            en="The search has {n} event still to read; the newest documents may not be found yet.",
        ),
    ),
    "board_about": (
        "days",
        Sentence(
            vi="Cơ quan cần chú ý nhất đứng trước. Trả lời được tính cho văn bản đã giao trong {days} ngày.",
            en="What hurts most comes first. Answers are asked of what was given within {days} day.",
        ),
    ),
    "confirm": ("n", Sentence(vi="{action}: {n} lượt chuyển?", en="{action}: {n} delivery?")),
    "deliveries_n": ("n", Sentence(vi="{n} lượt chuyển", en="{n} delivery")),
    "done_of": (
        "all",
        Sentence(vi="Đã thực hiện {n} trên {all} lượt chuyển", en="Done for {n} of {all} delivery"),
    ),
    "late_n": ("n", Sentence(vi="{n} việc:", en="{n} thing:")),
    "late_more": ("n", Sentence(vi="Hơn {n} việc; xem trước:", en="More than {n} thing; first:")),
    "more_n": (
        "n",
        Sentence(
            vi="và {n} lượt chuyển nữa; lọc theo trạng thái để xem",
            en="and {n} more; filter by state to see it",
        ),
    ),
    "rows_hidden": ("n", Sentence(vi="{n} dòng nữa có trong tệp tải về.", en="The files have {n} row more.")),
    "taken_of": ("n", Sentence(vi="{n} trên {all} nơi đã nhận", en="{n} of {all} has it")),
    "without_endpoint": (
        "n",
        Sentence(
            vi="{n} lượt chuyển đang tạm giữ, chưa biết gửi qua điểm kết nối nào.",
            en="{n} delivery is held: it is not known yet through which endpoint it goes.",
        ),
    ),
}
