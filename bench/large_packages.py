"""What it costs to check a large signed package and verify its signature. `python -m bench.large_packages` prints it.

One run for each row, each in a process of its own, on the same file:

    floor       expat parses the octets with nothing else to do, and SHA-256 goes over them
    streaming   the hub's way for a package that is not in memory: validate, then verify
    in memory   the hub's way for one that is; the reading of the file is counted

Memory is the peak of the process above what it was after a small package, so that nothing is counted which is loaded
once. `flat` is base64 in one line, `wrapped` in lines of 76 characters that end with CR LF.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from xml.parsers import expat

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from bench.documents import RECEIVER, authority, signed, unsigned
from schemas import skeleton, xml
from schemas.catalog import Catalog
from schemas.spooled import PIECE_BYTES, Package, Spooled
from schemas.validator import validate
from signing import certificates
from signing import xml as signatures
from signing.keys import SigningKey
from signing.trust import TrustStore
from signing.verdict import Outcome

SIZES = (20, 60, 90, 200)  # megabytes of package
TODAY = date(2026, 11, 21)
HEAD = ("package", "way", "at once", "cpu s", "wall s", "MB/s of cpu", "peak MB", "x floor")
END_OF_HEADER = b"</edXML:edXMLHeader>"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a way took: seconds, and megabytes of resident memory above a process at rest."""

    cpu: float
    wall: float
    peak: float


def main() -> None:
    """Make each package, measure each way, and print the table."""
    options = argparse.ArgumentParser(prog="python -m bench.large_packages", description=__doc__)
    options.add_argument("--size", type=int, action="append", help="megabytes; default: 20, 60, 90, 200")
    options.add_argument("--one", nargs=3, metavar=("WAY", "FILE", "AT_ONCE"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        way, file, at_once = chosen.one
        print(json.dumps(_measured(WAYS[way], Path(file), int(at_once))))
        return
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(" ".join(f"{word:>12}" for word in HEAD))
    ca = authority()
    key = ca.issue(organisation="Sở Thử nghiệm", common_name="Văn thư", now=datetime.now(UTC))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "root.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
        (folder / "small").write_bytes(next(signed(key, 1, 30_000)))
        for size in chosen.size or SIZES:
            for form in ("flat", "wrapped"):
                file = folder / "package"
                make(file, size * 1_000_000, wrapped=form == "wrapped", key=key)
                _rows(f"{size} MB {form}", file)


def make(
    file: Path,
    size: int,
    *,
    wrapped: bool,
    key: SigningKey,
    number: int = 1,
    receivers: Sequence[str] = (RECEIVER,),
) -> None:
    """Write a signed package of about `size` octets with one attachment, never holding it."""
    head, text, tail = _split(unsigned(number, 30_000, receivers))
    bare = file.with_suffix(".bare")
    with bare.open("wb") as out:
        out.write(head)
        for piece in _noise(size, wrapped=wrapped):
            out.write(piece)
        out.write(text + tail)
    content = skeleton.skeleton_of(spooled(bare))
    block = signatures.block(content, content.tree, key)
    start = head.partition(END_OF_HEADER)[0]
    with bare.open("rb") as source, file.open("wb") as out:
        source.seek(len(start))
        out.write(start + block)
        while piece := source.read(PIECE_BYTES):
            out.write(piece)
    bare.unlink()


def _split(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a package before, in and after the base64 of its attachment."""
    start = content.index(b">", content.index(b"ContentTransferEncoded")) + 1
    end = content.index(b"<", start)
    return content[:start], content[start:end], content[end:]


def _noise(size: int, *, wrapped: bool) -> Iterator[bytes]:
    line = 57 * 1024
    for _ in range(size // (line // 3 * 4)):
        text = b64encode(os.urandom(line))
        yield b"".join(text[at : at + 76] + b"\r\n" for at in range(0, len(text), 76)) if wrapped else text


def spooled(file: Path) -> Spooled:
    """Return a file as a package that is not in memory."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Spooled(file.stat().st_size, digest, lambda: file.open("rb"))


def _rows(name: str, file: Path) -> None:
    size = file.stat().st_size
    floor = _run("floor", file, 1)
    _row(name, "floor", 1, size, floor, floor)
    for way, at_once in (("streaming", 1), ("streaming", 8), ("in-memory", 1)):
        if way == "streaming" or size <= xml.LIMITS.bytes:
            _row(name, way, at_once, size, _run(way, file, at_once), floor)


def _row(name: str, way: str, at_once: int, size: int, cost: Cost, floor: Cost) -> None:
    speed = size * at_once / cost.cpu / 1e6
    figures = (
        name, way, str(at_once), f"{cost.cpu:.2f}", f"{cost.wall:.2f}", f"{speed:,.0f}", f"{cost.peak:.0f}",
        f"{cost.cpu / at_once / floor.cpu:.2f}",
    )  # fmt: skip
    print(" ".join(f"{figure:>12}" for figure in figures), flush=True)


def _run(way: str, file: Path, at_once: int) -> Cost:
    command = [sys.executable, "-m", "bench.large_packages", "--one", way, str(file), str(at_once)]
    return Cost(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


# In the process of its own


def _measured(way: Callable[[Path], None], file: Path, at_once: int) -> dict[str, float]:
    way(file.with_name("small"))
    before, cpu, wall = _peak(), time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(way, [file] * at_once))
    return {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "peak": _peak() - before,
    }


def _peak() -> float:
    told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return told / (1024 * 1024 if platform.system() == "Darwin" else 1024)  # macOS counts in octets


def _floor(file: Path) -> None:
    parser, digest = expat.ParserCreate(), hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            parser.Parse(piece, False)
            digest.update(piece)
    parser.Parse(b"", True)


def _checked(file: Path, package: Package) -> None:
    root = certificates.of(load_pem_x509_certificate(file.with_name("root.pem").read_bytes()))
    valid = validate(package, Catalog.standard(), TODAY)
    (verdict,) = signatures.verify(valid.content, valid.tree, TrustStore([root]), datetime.now(UTC))
    assert verdict.outcome is Outcome.VALID, verdict.reasons


def _streaming(file: Path) -> None:
    # Its digest is known by the time that a package is spooled.
    _checked(file, Spooled(file.stat().st_size, "0" * 64, lambda: file.open("rb")))


def _in_memory(file: Path) -> None:
    _checked(file, file.read_bytes())


WAYS = {"floor": _floor, "streaming": _streaming, "in-memory": _in_memory}

if __name__ == "__main__":
    main()
