"""Administrative units as agencies of the directory, under codes that are clearly provisional.

The published data know statistical (GSO) codes. **These are not identifier codes**, and the identifier codes of
communes are not public. So an agency gets a code that nobody else uses until the operator has the real one: it is made
of the province's code and the statistical one, and its scheme is `provisional`.

    H49.X06652         a commune of today, statistical code 06652
    H49.C193           a district of before ("cũ"), closed on 2025-07-01
    H49.C193.C06652    a commune of before, in that district

A file `gso_code,code[,era]` gives real codes (`era` is `new`, the default, or `old`). Once an agency has its real code,
its provisional one stays, closed, and still leads to it. A commune that went on as it was is one agency with its old
code and its new one; all others were closed and succeeded by what they went into.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from hub import builtin
from hub.agencies_rows import AgencyRow
from hub.directory import Directory
from hub.errors import Misconfigured
from hub.model import AgencyCode, Level
from hub.units import MERGED_ON, Commune, OldCommune, Units
from schemas.edxml.codes import LONGEST_CODE, Scheme, scheme_of
from schemas.findings import shortened
from schemas.text import Sentence, Text

EVERYWHERE = "all"
ERAS = ("new", "old")
RealCodes = Mapping[tuple[str, str], str]  # (era, statistical code) -> identifier code

BAD_CODES = Sentence(
    vi="dòng {line}: cần gso_code,code và, nếu có, era là new hoặc old; gặp {got}",
    en="line {line}: expected gso_code,code and, if there, an era new or old; got {got}",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which units, and how their codes are made. `today` closes provisional codes that real ones replace."""

    province: str  # statistical code of today, or `all`
    today: date
    prefix: str | None = None  # instead of the province's identifier code
    codes: RealCodes = field(default_factory=dict)


def rows(units: Units, wanted: Wanted, directory: Directory) -> list[AgencyRow]:
    """Return the agencies of a province or of the country: provinces, communes, districts and communes of before.

    Raises `Misconfigured` for a province that is not there.
    """
    made = list(_rows(_Tree(units, wanted, directory)))
    return [replace(row, line=line) for line, row in enumerate(made, 1)]


def real_codes(content: bytes) -> RealCodes:
    """Read the file of identifier codes. Raises `Misconfigured`, naming the line."""
    try:
        records = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Misconfigured(BAD_CODES.say(line=1, got=shortened(str(error)))) from error
    found: dict[tuple[str, str], str] = {}
    for line, record in enumerate(records, 2):
        gso, code = (record.get("gso_code") or "").strip(), (record.get("code") or "").strip()
        era = (record.get("era") or "new").strip()
        if not gso or not code or len(code) > LONGEST_CODE or len(code.split()) > 1 or era not in ERAS:
            got = shortened(",".join(str(value) for value in record.values()))
            raise Misconfigured(BAD_CODES.say(line=line, got=got))
        found[era, gso] = code
    return found


class _Tree:
    """The wanted part of the country."""

    def __init__(self, units: Units, wanted: Wanted, directory: Directory) -> None:
        self.units, self.wanted, self.directory = units, wanted, directory
        if wanted.province not in (EVERYWHERE, *units.provinces):
            raise _no_such_province(wanted.province, units)
        self.level1 = {row.codes[0].value: row for row in builtin.level1()[0].rows}
        self.now = {each.since: each.code for each in builtin.provinces() if each.since}
        self.then = {each.before: each.code for each in builtin.provinces()}
        self.communes = [each for each in units.communes if wanted.province in (EVERYWHERE, each.province)]
        mine = {each.gso for each in self.communes}
        self.old = [each for each in units.old if mine.intersection(each.successors)]
        self.before: dict[str, list[OldCommune]] = {}
        for each in self.old:
            for successor in each.successors:
                self.before.setdefault(successor, []).append(each)

    def prefix(self, code: str) -> str:
        """Return a province's code, or what the operator wants in its place."""
        own = self.now.get(self.wanted.province)
        return self.wanted.prefix if self.wanted.prefix and code == own else code

    def province_name(self, code: str) -> str:
        """Return a province's name without that of its committee."""
        return self.level1[code].name.removeprefix("Ủy ban nhân dân ")

    def commune_code(self, gso: str) -> str:
        """Return the code of a commune of today: the real one, if it is known."""
        return self.wanted.codes.get(("new", gso)) or self.made_up(self.units.commune(gso))

    def made_up(self, commune: Commune) -> str:
        """Return the code made up for a commune of today."""
        return f"{self.prefix(self.now[commune.province])}.X{commune.gso}"

    def district_code(self, old: OldCommune) -> str:
        """Return the code of the district of a commune of before."""
        return self.wanted.codes.get(("old", old.district)) or self.made_up_district(old)

    def made_up_district(self, old: OldCommune) -> str:
        """Return the code made up for that district."""
        return f"{self.prefix(self.then[old.province])}.C{old.district}"

    def closed(self, gso: str, made_up: str, successors: tuple[str, ...]) -> list[AgencyCode]:
        """Return the codes of a unit of before: the real one if it is known, and the one made up if it was used."""
        real = self.wanted.codes.get(("old", gso))
        entries = [_closed(real, scheme_of(real), successors)] if real else []
        if not real or self.directory.knows(made_up):
            entries.append(_closed(made_up, Scheme.PROVISIONAL, successors))
        return entries

    def went_on(self, commune: Commune) -> OldCommune | None:
        """Return the commune of before that this one simply is: same name and number, and nothing joined or left."""
        before = self.before.get(commune.gso, [])
        if len(before) != 1 or before[0].successors != (commune.gso,):
            return None
        return before[0] if (before[0].gso, before[0].name) == (commune.gso, commune.name) else None


def _rows(tree: _Tree) -> Iterator[AgencyRow]:
    yield from _provinces(tree)
    same: set[OldCommune] = set()
    for commune in tree.communes:
        before = tree.went_on(commune)
        same.update([before] if before else [])
        yield _commune(tree, commune, before)
    yield from _districts(tree)
    for old in tree.old:
        if old.gso is not None and old not in same:
            yield _old_commune(tree, old)


def _provinces(tree: _Tree) -> Iterator[AgencyRow]:
    """Yield the committees of provinces, today's and those of before, that the directory does not have yet."""
    codes = [tree.now[each] for each in dict.fromkeys(commune.province for commune in tree.communes)]
    codes += [tree.then[each] for each in dict.fromkeys(old.province for old in tree.old)]
    for code in dict.fromkeys(codes):
        row = tree.level1[code]
        if tree.directory.knows(tree.prefix(code)):
            continue  # as the operator has it
        (known,) = row.codes
        successors = tuple(tree.prefix(each) for each in known.successors)
        entry = replace(known, value=tree.prefix(code), successors=successors)
        yield AgencyRow(line=0, name=row.name, level=row.level, codes=(entry,))


def _commune(tree: _Tree, commune: Commune, before: OldCommune | None) -> AgencyRow:
    code = tree.now[commune.province]
    codes = _codes_of_today(tree, commune)
    if before is not None:
        codes += tree.closed(before.gso or "", _made_up_old(tree, before), (codes[0].value,))
    return AgencyRow(
        line=0,
        name=f"Ủy ban nhân dân {_lower(commune.name)}, {tree.province_name(code)}",
        level=Level.COMMUNE,
        codes=tuple(codes),
        parent=tree.prefix(code),
    )


def _codes_of_today(tree: _Tree, commune: Commune) -> list[AgencyCode]:
    real = tree.wanted.codes.get(("new", commune.gso))
    made_up = AgencyCode(value=tree.made_up(commune), scheme=Scheme.PROVISIONAL, valid_from=MERGED_ON)
    if real is None:
        return [made_up]
    codes = [AgencyCode(value=real, scheme=scheme_of(real), valid_from=MERGED_ON)]
    used = tree.directory.resolve(made_up.value).entry
    return [*codes, replace(made_up, valid_to=used.valid_to or tree.wanted.today)] if used else codes


def _districts(tree: _Tree) -> Iterator[AgencyRow]:
    """Yield the districts of before, each succeeded by whatever its communes went into."""
    members: dict[tuple[str, str], list[OldCommune]] = {}
    for old in tree.old:
        members.setdefault((old.province, old.district), []).append(old)
    for (province, district), inside in members.items():
        one = inside[0]
        successors = dict.fromkeys(tree.commune_code(gso) for old in inside for gso in old.successors)
        yield AgencyRow(
            line=0,
            name=f"Ủy ban nhân dân {_lower(one.district_name)}, {_lower(one.province_name)}",
            level=Level.DISTRICT,
            codes=tuple(tree.closed(district, tree.made_up_district(one), tuple(successors))),
            parent=tree.prefix(tree.then[province]),
        )


def _old_commune(tree: _Tree, old: OldCommune) -> AgencyRow:
    place = f"{_lower(old.district_name)}, {_lower(old.province_name)}"
    successors = tuple(tree.commune_code(gso) for gso in old.successors)
    return AgencyRow(
        line=0,
        name=f"Ủy ban nhân dân {_lower(old.name or '')}, {place}",
        level=Level.COMMUNE,
        codes=tuple(tree.closed(old.gso or "", _made_up_old(tree, old), successors)),
        parent=tree.district_code(old),
    )


def _made_up_old(tree: _Tree, old: OldCommune) -> str:
    return f"{tree.made_up_district(old)}.C{old.gso}"


def _closed(code: str, scheme: Scheme, successors: tuple[str, ...]) -> AgencyCode:
    return AgencyCode(value=code, scheme=scheme, valid_to=MERGED_ON, successors=successors)


def _lower(name: str) -> str:
    """Return a unit's name as it stands inside a sentence: `phường Hà Tu`."""
    return name[:1].lower() + name[1:]


def _no_such_province(province: str, units: Units) -> Misconfigured:
    known = ", ".join(f"{gso} {name}" for gso, name in sorted(units.provinces.items()))
    shown = shortened(province)
    return Misconfigured(
        Text(
            vi=f"Không có tỉnh mang mã thống kê {shown}; hiện có: {known}; hoặc all",
            en=f"There is no province with the statistical code {shown}; there are: {known}; or all",
        )
    )
