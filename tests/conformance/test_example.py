"""The example of docs/writing-an-adapter.md, taken from the page as it stands, does what every adapter must do."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

from hub.rig import parcel

PAGE = Path(__file__).parents[2] / "docs" / "writing-an-adapter.md"
EXAMPLE = re.compile(r"<!-- example: (\w+)\.py -->\n```python\n(.*?)```\n", re.DOTALL)


def loaded(name: str, source: str) -> ModuleType:
    module = sys.modules[name] = ModuleType(name)
    exec(compile(source, f"{PAGE.name}:{name}.py", "exec"), module.__dict__)
    return module


EXAMPLES = {name: loaded(name, source) for name, source in EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))}

TestMaildir = EXAMPLES["test_maildir"].TestMaildir


def test_the_page_has_both_files_and_nothing_else_to_run() -> None:
    assert list(EXAMPLES) == ["maildir_adapter", "test_maildir"]


async def test_a_mail_that_was_read_is_not_delivered_again() -> None:
    async with TestMaildir().rig() as rig:
        adapter = rig.open()
        await adapter.deliver(parcel(b"<once/>"))
        new = next((rig.root / "new").iterdir())
        new.rename(rig.root / "cur" / f"{new.name}:2,S")
        await adapter.deliver(parcel(b"<once/>"))
        assert await rig.documents() == [b"<once/>"]
