"""The public codes that the hub ships: whole, without gaps, and honest about what was not compared with a text."""

from __future__ import annotations

import csv
from collections import Counter

from hub.agencies_merge import merged
from hub.builtin import DATA, Certainty, level1, provinces, warning
from hub.destination import Outcome, decide
from hub.directory import Directory
from hub.model import Level
from tests.unit.hub.directories import BEFORE, TODAY, directory, endpoint


def imported() -> Directory:
    rows = level1()[0].rows
    numbers = iter(range(1000))
    agencies = merged((), rows, lambda: f"id-{next(numbers)}").added
    return directory(*agencies, endpoints=(endpoint("all", *agencies),))


def test_the_file_has_no_faults_and_leaves_no_gap() -> None:
    found, _ = level1()
    assert found.warnings == ()


def test_sixty_three_provinces_became_thirty_four() -> None:
    rows = [row for row in level1()[0].rows if row.level is Level.PROVINCE]
    assert [row.codes[0].value for row in rows] == [f"H{number:02d}" for number in range(1, 64)]
    living = {row.codes[0].value for row in rows if row.codes[0].valid_to is None}
    assert len(living) == 34
    assert all(row.codes[0].successors[0] in living for row in rows if row.codes[0].valid_to)


def test_a_merged_province_leads_to_the_one_that_kept_its_name() -> None:
    made = decide(imported(), "000.00.00.H02", written_on=TODAY, today=TODAY)
    assert (made.reached, made.forwarded) == ("H05", True)


def test_a_ministry_whose_tasks_went_to_several_is_left_to_a_person() -> None:
    assert decide(imported(), "G07", written_on=TODAY, today=TODAY).outcome is Outcome.HELD
    assert decide(imported(), "G14", written_on=BEFORE, today=TODAY).reached == "G06"


def test_every_row_says_how_sure_it_is_and_where_it_is_from() -> None:
    with (DATA / "level1.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    assert all(record["certainty"] in set(Certainty) and record["source"] for record in records)
    _, sure = level1()
    assert sure == Counter(Certainty(record["certainty"]) for record in records)
    assert sure[Certainty.MEMORY] > sure[Certainty.INFERRED] > 0


def test_the_operator_is_told_how_much_is_unsure() -> None:
    said = warning(Counter({Certainty.CONFIRMED: 3, Certainty.MEMORY: 2}))
    assert said.en.startswith("2 rows ought to be compared with QĐ 09/2025/QĐ-TTg")
    assert "đã đối chiếu: 3" in said.vi


def test_statistical_codes_are_each_one_provinces() -> None:
    known = provinces()
    assert len({each.code for each in known}) == len({each.before for each in known}) == 63
    since = [each.since for each in known if each.since]
    assert len(since) == len(set(since)) == 34
    rows = {row.codes[0].value: row.codes[0] for row in level1()[0].rows}
    assert all((rows[each.code].valid_to is None) == (each.since is not None) for each in known)
