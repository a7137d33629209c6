"""What an import changes, worked out without writing anything."""

from __future__ import annotations

from itertools import count

from hub.agencies_merge import merged
from hub.agencies_rows import AgencyRow
from hub.model import Level
from tests.unit.hub.directories import agency, closed, code


def row(name: str, *codes: str) -> AgencyRow:
    return AgencyRow(line=2, name=name, level=Level.OTHER, codes=tuple(code(each) for each in codes))


def test_new_changed_and_kept_agencies_are_told_apart() -> None:
    kept, renamed, aside = agency("Một", "X01"), agency("Hai", "X02"), agency("Ba", "X03")
    numbers = count(1)

    merge = merged(
        (kept, renamed, aside),
        [row("Một", "X01"), row("Hai mới", "X02", "X02.1"), row("Bốn", "X04")],
        lambda: f"id-{next(numbers)}",
    )

    assert [each.name for each in merge.added] == ["Bốn"]
    assert [(before.name, after.name) for before, after in merge.changed] == [("Hai", "Hai mới")]
    assert merge.unchanged == 1
    after = merge.over((kept, renamed, aside))
    assert [each.name for each in after] == ["Một", "Hai mới", "Ba", "Bốn"]
    assert after[1].id == renamed.id


def test_a_file_that_does_not_speak_of_the_end_of_a_code_leaves_it() -> None:
    ended = agency("Một", closed("X01"))
    silent = AgencyRow(line=2, name="Một", level=Level.OTHER, codes=(code("X01"),), columns=frozenset())
    assert merged((ended,), [silent], lambda: "new").changed == ()
