"""Names for files on a disk, made of the names that strangers gave their attachments.

What comes out is one name, never a path, on no system a device, a hidden file or something that reads otherwise than
it is (a right-to-left override turns `exe.pdf` round). Vietnamese letters stay, composed. Two files of a folder never
get the same name, not even on a disk that knows no capitals.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST_BYTES = 200  # of a name; file systems take 255, and a counter may follow
_FORBIDDEN = re.compile(r'[<>:"|?*/\\]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(name: str, fallback: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
    """Return a name for a file, unlike those that are taken; `fallback` where nothing of the name can stay."""
    cleaned = _cleaned(name) or _cleaned(fallback) or "attachment"
    if _RESERVED.fullmatch(cleaned.partition(".")[0].strip()):
        cleaned = f"_{cleaned}"
    known = {folded(other) for other in taken}
    shortened, counter = _cut(cleaned, ""), 2
    while folded(shortened) in known:
        shortened, counter = _cut(cleaned, f" ({counter})"), counter + 1
    return shortened


def folded(name: str) -> str:
    """Return what two names have in common that some file system takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _cleaned(name: str) -> str:
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    visible = "".join(
        " " if char.isspace() else char
        for char in last
        if char.isspace() or unicodedata.category(char) not in _INVISIBLE
    )
    return _FORBIDDEN.sub("_", " ".join(visible.split())).strip(". ")


def _cut(name: str, counter: str) -> str:
    """Shorten the stem so that the name fits with its counter; the suffix stays, unless it is no suffix at all."""
    path = PurePosixPath(name)
    suffix = path.suffix if len(path.suffix.encode()) <= 20 else ""
    stem = name.removesuffix(suffix) if suffix else name
    room = LONGEST_BYTES - len((suffix + counter).encode())
    kept = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ")
    return f"{kept or '_'}{counter}{suffix}"
