"""What a command run in a test gives back, and the agencies of the hub that it runs against."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

AGENCIES = """\
code,name,level,parent,valid_to,successors
Z99,UBND tỉnh Thử Nghiệm,province,,,
Z99.13,Sở Nội vụ Thử Nghiệm,province,Z99,,
Z99.61,UBND xã Bình Thử,commune,Z99,,
Z99.62,UBND xã An Thử,commune,Z99,,
Z99.40,UBND huyện Thử Cũ,district,Z99,2025-07-01,Z99.61 Z99.62
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


Command = Callable[..., Ran]
