"""The state machine of an exchange, as data: what every input does in every state.

It stands once for each document and addressee, and has two parts side by side. The *progress* is what the addressee
says it did with the newest version (01 to 06). The *request* is what the sender asked about the document, and the
answer (13, update, replace, revoke; 15, 16). `docs/exchange.md` is made from these tables.

How to read a cell:

    name          the part moves to that state
    name!         so it does, and the answer carries a warning: it does not fit what was said before
    =             said before, nothing changes
    late          an earlier step than the one already reached: kept as history, nothing changes
    contradicts   it does not fit what was said before: kept as history with a warning, nothing changes
    impossible    refused, with the reason
    +             passed on to the progress; `+!` with a warning

No source states the sequence as a rule; this follows what real systems send. Polling and retries bring answers out of
order, so the progress only ever moves forward, 01 < 02 < 03 < 04 = 05 < 06, and whatever the order in which a set of
answers came, the state in the end is of the same rank. A refusal (02) ranks below the register (03): who registered a
document and then refuses it contradicts itself, and who refused and then registered it has it after all.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from schemas.text import Text


class Progress(StrEnum):
    """What the addressee says it did with the newest version that was sent to it."""

    SENT = "sent"  # nothing said yet
    ARRIVED = "arrived"  # 01
    REFUSED = "refused"  # 02
    REGISTERED = "registered"  # 03
    ASSIGNED = "assigned"  # 04
    IN_PROGRESS = "in-progress"  # 05
    DONE = "done"  # 06


class Request(StrEnum):
    """What the sender asked about the document, and what came of it."""

    NOTHING = "nothing-asked"
    CHANGE = "change-asked"  # by an update, or by a document that replaces this one
    CHANGE_AGREED = "change-agreed"
    CHANGE_REFUSED = "change-refused"
    RECALL = "recall-asked"  # by a 13, a revocation, or an update that takes the addressee off
    RECALLED = "recalled"  # QĐ 28/2018, art. 9: the addressee has destroyed its copy
    RECALL_REFUSED = "recall-refused"
    WITHDRAWN = "withdrawn"  # before it was delivered; the addressee was not asked


class Input(StrEnum):
    """What can happen. The codes are the addressee's; the words are what the sender's packages amount to."""

    ARRIVED = "01"
    REFUSED = "02"
    REGISTERED = "03"
    ASSIGNED = "04"
    IN_PROGRESS = "05"
    DONE = "06"
    AGREES = "15"
    REFUSES = "16"
    VERSION = "version"  # an update or replacement under the same DocumentId: the progress starts anew
    REPLACEMENT = "replacement"  # another document that replaces this one
    RECALL = "recall"  # 13, a revocation, or taken off by an update; the addressee has it, or may
    WITHDRAWAL = "withdrawal"  # the same, while nothing of it was delivered


STEPS = (Input.ARRIVED, Input.REFUSED, Input.REGISTERED, Input.ASSIGNED, Input.IN_PROGRESS, Input.DONE)
ASKING = (Input.VERSION, Input.REPLACEMENT, Input.RECALL, Input.WITHDRAWAL)
REPLIES = (Input.AGREES, Input.REFUSES)
ANY_STEP = "01-06"

RANKS: Mapping[Progress, int] = {
    Progress.SENT: 0,
    Progress.ARRIVED: 1,
    Progress.REFUSED: 2,
    Progress.REGISTERED: 3,
    Progress.ASSIGNED: 4,
    Progress.IN_PROGRESS: 4,
    Progress.DONE: 5,
}

SAME, LATE, CONTRADICTS, IMPOSSIBLE, PASSED, WARNED = "=", "late", "contradicts", "impossible", "+", "!"

Table = Mapping[str, Mapping[str, str]]


def table(written: str) -> Table:
    """Read a table: columns in the first line, then a row for each state."""
    head, *rows = (line.split() for line in written.strip().splitlines())
    return {state: dict(zip(head, cells, strict=True)) for state, *cells in rows}


PROGRESS: Table = table("""
             01       02           03           04         05            06
sent         arrived  refused      registered   assigned   in-progress   done
arrived      =        refused      registered   assigned   in-progress   done
refused      late     =            registered!  assigned!  in-progress!  done!
registered   late     contradicts  =            assigned   in-progress   done
assigned     late     contradicts  late         assigned   in-progress   done
in-progress  late     contradicts  late         assigned   in-progress   done
done         late     contradicts  late         late       late          =
""")

REQUESTS: Table = table("""
                version       replacement   recall        withdrawal  15             16              01-06
nothing-asked   change-asked  change-asked  recall-asked  withdrawn   impossible     impossible      +
change-asked    change-asked  change-asked  recall-asked  withdrawn   change-agreed  change-refused  +
change-agreed   change-asked  change-asked  recall-asked  withdrawn   =              contradicts     +
change-refused  change-asked  change-asked  recall-asked  withdrawn   change-agreed  =               +
recall-asked    change-asked  =             =             withdrawn   recalled       recall-refused  +
recalled        change-asked  =             =             =           =              contradicts     impossible
recall-refused  change-asked  change-asked  recall-asked  withdrawn   recalled       =               +
withdrawn       change-asked  =             recall-asked  =           recalled       contradicts     +!
""")

# While the request stands so, it is what a person wants to read first; otherwise the progress is.
FOREMOST = frozenset({Request.RECALL, Request.RECALLED, Request.RECALL_REFUSED, Request.WITHDRAWN})

NAMES: Mapping[str, Text] = {
    Progress.SENT: Text(vi="đã gửi, chưa có trả lời", en="sent, no answer yet"),
    Progress.ARRIVED: Text(vi="đã đến", en="arrived"),
    Progress.REFUSED: Text(vi="nơi nhận từ chối tiếp nhận", en="refused by the addressee"),
    Progress.REGISTERED: Text(vi="đã tiếp nhận, vào sổ", en="accepted, registered"),
    Progress.ASSIGNED: Text(vi="đã phân công xử lý", en="assigned"),
    Progress.IN_PROGRESS: Text(vi="đang xử lý", en="in progress"),
    Progress.DONE: Text(vi="hoàn thành", en="done"),
    Request.NOTHING: Text(vi="không có yêu cầu", en="nothing asked"),
    Request.CHANGE: Text(vi="chờ trả lời cập nhật, thay thế", en="asked to update or replace"),
    Request.CHANGE_AGREED: Text(vi="đồng ý cập nhật, thay thế", en="agreed to update or replace"),
    Request.CHANGE_REFUSED: Text(vi="từ chối cập nhật, thay thế", en="refused to update or replace"),
    Request.RECALL: Text(vi="chờ trả lời yêu cầu lấy lại", en="asked to give it back"),
    Request.RECALLED: Text(vi="đã thu hồi", en="recalled"),
    Request.RECALL_REFUSED: Text(vi="từ chối trả lại", en="refused to give it back"),
    Request.WITHDRAWN: Text(vi="đã rút lại trước khi giao", en="withdrawn before delivery"),
}
INPUT_NAMES: Mapping[str, Text] = {
    Input.VERSION: Text(vi="phiên bản mới", en="new version"),
    Input.REPLACEMENT: Text(vi="bị thay thế", en="replaced"),
    Input.RECALL: Text(vi="yêu cầu lấy lại", en="recall"),
    Input.WITHDRAWAL: Text(vi="rút trước khi giao", en="withdrawal"),
}
