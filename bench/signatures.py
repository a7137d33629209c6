"""What it costs to verify the signature of a package, beside other verifiers. `python -m bench.signatures` prints it.

Every contestant gets the octets of the same package, RSA-2048, and parses them itself; the figures are medians, in
microseconds, of rounds in which all of them take their turn. Read the ratios: the machine has other work, too.

    ours        schemas.xml.parse, with its limits, and signing.xml.verify: form, path (kept), value, digest, verdict
    of it parse the first half of that, which the hub does once for everything
    signxml     with the root's certificate, which it follows the path to each time
    signxml key with the signer's certificate, already trusted: no path at all
    xmlsec      libxmlsec1's Python binding, with the key already loaded: no path, no profile
    floor       a C program on libxml2 and OpenSSL, the key loaded: no path, no profile, no limits (signature_floor.c).
                Without a C compiler and headers: `xmlsec1 --repeat`, and the table says so
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from bench.documents import authority, signed
from schemas.xml import parse
from signing import certificates, xml
from signing.ca import CertificateAuthority
from signing.keys import SigningKey
from signing.trust import TrustStore
from signing.verdict import Outcome

SIZES = {4_000: 20, 30_000: 20, 400_000: 20, 10_000_000: 7}  # octets, and rounds
REPEATED = {4_000: 100, 30_000: 50, 400_000: 5, 10_000_000: 1}  # in each round
HEAD = (
    "size", "ours", "of it parse", "signxml", "signxml key", "xmlsec", "floor",
    "/signxml", "/sx key", "/xmlsec", "/floor",
)  # fmt: skip
SOURCE = Path(__file__).with_name("signature_floor.c")
HUGE = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
ONE = SignatureConfiguration(location=".//")
_REPEATED = re.compile(r"Executed (\d+) tests in ([\d.]+) msec")

Run = Callable[[], object]
Timed = Callable[[int], float]  # microseconds of one run, when repeated so often


def timed(run: Run) -> Timed:
    """Return what measures a run in this process."""

    def measure(repeated: int) -> float:
        began = time.perf_counter()
        for _ in range(repeated):
            run()
        return (time.perf_counter() - began) / repeated * 1e6

    return measure


def ours(content: bytes, trust: TrustStore) -> Run:
    """Return our own verification, from the octets to the verdict."""

    def run() -> None:
        (verdict,) = xml.verify(content, parse(content), trust, datetime.now(UTC))
        if verdict.outcome is not Outcome.VALID:
            raise RuntimeError(f"the bench's own package is {verdict.outcome}")

    return run


def with_xmlsec(content: bytes, key: SigningKey) -> Run:
    """Return the binding's verification with a key that was loaded before."""
    pem = key.certificate.public_bytes(Encoding.PEM)
    loaded = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)

    def run() -> None:
        root = etree.fromstring(content, HUGE)
        context = xmlsec.SignatureContext()
        context.key = loaded
        signature = xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature)
        assert signature is not None
        context.verify(signature)

    return run


# The floor


def build(folder: Path) -> Path | None:
    """Return the C program, built in the folder, or None without a compiler or headers."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    program = folder / "signature_floor"
    command = [
        compiler,
        "-O2",
        "-o",
        str(program),
        str(SOURCE),
        "-I/usr/include/libxml2",
        "-lxml2",
        "-lcrypto",
    ]
    built = subprocess.run(command, capture_output=True, check=False)
    return program if built.returncode == 0 else None


def floor(program: Path | None, folder: Path, content: bytes, key: SigningKey) -> Timed:
    """Return what measures the floor in a process of its own, which times its runs itself."""
    package, public, pem = folder / "package.xml", folder / "public.der", folder / "leaf.pem"
    package.write_bytes(content)
    public.write_bytes(
        key.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    pem.write_bytes(key.certificate.public_bytes(Encoding.PEM))

    def of_program(repeated: int) -> float:
        command = [str(program), str(package), str(public), str(max(3, repeated))]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def of_xmlsec1(repeated: int) -> float:
        count = max(3, repeated)
        command = ["xmlsec1", "--verify", "--repeat", str(count), "--pubkey-cert-pem", str(pem), str(package)]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        told = _REPEATED.search(ran.stdout + ran.stderr)
        if told is None:
            raise RuntimeError("xmlsec1 does not say how long it took")
        return float(told[2]) * 1000 / int(told[1])

    return of_program if program is not None else of_xmlsec1


def measured(size: int, ca: CertificateAuthority, key: SigningKey, program: Path | None) -> dict[str, float]:
    """Return the median microseconds of every contestant for one package of a size."""
    content = next(signed(key, 1, size))
    trust = TrustStore([certificates.of(ca.certificate)])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root.pem"
        root.write_bytes(ca.pem)
        contestants: dict[str, Timed] = {
            "ours": timed(ours(content, trust)),
            "of it parse": timed(lambda: parse(content)),
            "signxml": timed(
                lambda: XMLVerifier().verify(content, ca_pem_file=str(root), parser=HUGE, expect_config=ONE)
            ),
            "signxml key": timed(
                lambda: XMLVerifier().verify(
                    content, x509_cert=key.certificate, parser=HUGE, expect_config=ONE
                )
            ),
            "xmlsec": timed(with_xmlsec(content, key)),
            "floor": floor(program, Path(folder), content, key),
        }
        spent: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(SIZES[size]):
            for name, measure in contestants.items():
                spent[name].append(measure(REPEATED[size]))
    return {name: median(figures) for name, figures in spent.items()}


def main() -> None:
    """Measure each size and print a row."""
    options = argparse.ArgumentParser(prog="python -m bench.signatures", description=__doc__.splitlines()[0])
    options.add_argument("--size", type=int, action="append", choices=sorted(SIZES), help="only these sizes")
    chosen = options.parse_args()
    ca = authority()
    key = ca.issue(
        "Văn thư Sở Thử nghiệm",
        datetime.now(UTC),
        organisation="Sở Thử nghiệm (mã minh họa)",
        algorithm="rsa-2048",
    )
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(
        "Microseconds, medians of interleaved rounds, RSA-2048. Ratios: ours over the other; below 1 is faster."
    )
    with tempfile.TemporaryDirectory() as folder:
        program = build(Path(folder))
        if program is None:
            print("No C compiler or no headers (libxml2-dev, libssl-dev): the floor is `xmlsec1 --repeat`.")
        print(" ".join(f"{word:>11}" for word in HEAD))
        for size in chosen.size or SIZES:
            row = measured(size, ca, key, program)
            figures = [f"{size:,}", *(f"{figure:,.0f}" for figure in row.values())]
            for other in ("signxml", "signxml key", "xmlsec", "floor"):
                figures.append(f"{row['ours'] / row[other]:.2f}")
            print(" ".join(f"{figure:>11}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
