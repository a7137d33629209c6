"""Who takes part: the agencies of `quang_ninh.csv`, and how each one's system is connected to the hub.

The names are today's: Quảng Ninh has been a centrally-run city since 2026-09-01, with wards, communes and special
zones below it. H49 and G09 are the public codes of the city and of the ministry. No public list has the codes below
H49, so ours are invented, and nobody can take H49.DEMO.nn for a real one.

Two communes ended with the mergers of 2025-07-01 (NQ 1679/NQ-UBTVQH15), as they really did: xã Húc Động went into xã
Bình Liêu, xã Vô Ngại partly into xã Bình Liêu and partly into xã Tiên Yên. Nobody speaks for them any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from hub.agencies_file import AgenciesFile, read
from hub.model import Level, SignatureRule
from schemas.edxml.envelope import Organization

MINISTRY = "G09"
CITY = "H49"
CITY_OLD_CODE = "000.00.00.H49"  # the same agency, as systems of before QĐ 20/2020 write it
HOME_AFFAIRS = "H49.DEMO.01"
FINANCE = "H49.DEMO.02"
SCIENCE = "H49.DEMO.03"
HA_LONG = "H49.DEMO.11"
BAI_CHAY = "H49.DEMO.12"
MONG_CAI = "H49.DEMO.13"
BINH_LIEU = "H49.DEMO.21"
HOANH_MO = "H49.DEMO.22"
HAI_SON = "H49.DEMO.23"
TIEN_YEN = "H49.DEMO.24"
VAN_DON = "H49.DEMO.31"
CO_TO = "H49.DEMO.32"
HUC_DONG = "H49.DEMO.81"  # until 2025-07-01; now of Bình Liêu
VO_NGAI = "H49.DEMO.82"  # until 2025-07-01; now of Bình Liêu and of Tiên Yên

COMMITTEE = "Ủy ban nhân dân "
CITY_NAME = " thành phố Quảng Ninh"
CITY_NAME_FULL = "Ủy ban nhân dân thành phố Quảng Ninh"


class Way(StrEnum):
    """How a system is connected."""

    POLLS = "polls"  # it asks the hub's REST API
    PUSHED = "pushed"  # the hub posts to its web server
    FOLDER = "folder"  # both use a folder
    ABSENT = "absent"  # it would poll, but the demo leaves its inbox to the reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """One system as the hub's operator registers it."""

    id: str
    codes: tuple[str, ...]
    way: Way = Way.POLLS
    signatures: SignatureRule = SignatureRule.REPORT


CONNECTED = (
    Connected(id="bo-noi-vu", codes=(MINISTRY,)),
    Connected(id="ubnd-thanh-pho", codes=(CITY,)),
    Connected(id="so-noi-vu", codes=(HOME_AFFAIRS,)),
    Connected(id="so-tai-chinh", codes=(FINANCE,), signatures=SignatureRule.REQUIRE),
    Connected(id="so-khoa-hoc-cong-nghe", codes=(SCIENCE,)),
    Connected(id="phuong-ha-long", codes=(HA_LONG,)),
    Connected(id="phuong-bai-chay", codes=(BAI_CHAY,), way=Way.ABSENT),
    Connected(id="phan-mem-dung-chung", codes=(MONG_CAI, HOANH_MO)),  # two agencies on one system
    Connected(id="xa-binh-lieu", codes=(BINH_LIEU,)),
    Connected(id="xa-hai-son", codes=(HAI_SON,), way=Way.FOLDER),
    Connected(id="xa-tien-yen", codes=(TIEN_YEN,)),
    Connected(id="dac-khu-van-don", codes=(VAN_DON,)),
    Connected(id="dac-khu-co-to", codes=(CO_TO,), way=Way.PUSHED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """An agency as the demo speaks of it. `short` is what people call it."""

    code: str
    name: str
    short: str
    level: Level

    @property
    def organization(self) -> Organization:
        """The agency as its packages name it."""
        local = self.code.startswith(CITY)
        return Organization(code=self.code, name=self.name, in_charge=CITY_NAME_FULL if local else self.name)


class Cast:
    """All players, found by any of their codes; and the agencies that are no more, by their old ones."""

    def __init__(self, agencies: AgenciesFile) -> None:
        self.agencies = agencies
        self._by_code: dict[str, Player] = {}
        self._taken_over: dict[str, str] = {}  # a closed code -> the one that took over alone
        players = []
        for row in agencies.rows:
            first = row.codes[0]
            player = Player(code=first.value, name=row.name, short=short(row.name), level=row.level)
            self._by_code.update((code.value, player) for code in row.codes)
            if first.valid_to is None:
                players.append(player)
            elif len(first.successors) == 1:
                self._taken_over[first.value] = first.successors[0]
        self.players = tuple(players)

    def __getitem__(self, code: str) -> Player:
        return self._by_code[code]

    def holder(self, code: str) -> Player:
        """Return who has what is addressed to a code: its agency, or the one that took over from it."""
        return self[self._taken_over.get(code, code)]

    def of_level(self, level: Level) -> tuple[Player, ...]:
        """Return the players of one level, in the order of the file."""
        return tuple(player for player in self.players if player.level is level)


def load() -> Cast:
    """Read the agencies that come with the demo."""
    return Cast(read(files("hub.demo").joinpath("quang_ninh.csv").read_bytes()))


def short(name: str) -> str:
    """Return what people call an agency: xã Bình Liêu, Sở Nội vụ, UBND thành phố Quảng Ninh."""
    if name == CITY_NAME_FULL:
        return "UBND" + CITY_NAME
    return name.removeprefix(COMMITTEE).removesuffix(CITY_NAME)


def connected(code: str) -> Connected:
    """Return the system of an agency, by its first code."""
    return next(each for each in CONNECTED if code in each.codes)
