"""Build the verifier as one file that an auditor copies to a machine with nothing but Python.

    python deploy/verifier/build.py dist/edochub-verify.pyz

The file holds `signing`, `schemas` and the libraries they use, taken from the environment this runs in, so that what
is verified with is what was tested. lxml and cryptography are native code: the file runs on the operating system,
processor and Python minor version it was built with, and unpacks itself once into the user's folder (~/.shiv).
ADR 0016 says why.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]

# What `signing` and `schemas` import when they verify; what these need in turn is found by `closure`.
NEEDED = ("asn1crypto", "cryptography", "lxml", "pybase64", "pyhanko", "pyhanko-certvalidator")
OURS = ("signing", "schemas")
# Says which Python is needed, where the native libraries could only fail to load. It runs on any Python 3.
LAUNCHER = """
import sys

def main():
    if sys.version_info[:2] != ({major}, {minor}):
        sys.stderr.write(
            "Tệp này cần Python {major}.{minor}, không phải %d.%d. · "
            "This file needs Python {major}.{minor}, not %d.%d.\\n" % (sys.version_info[:2] * 2)
        )
        return 2
    from signing.verifier.program import main as verify
    return verify()
"""
OURS_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def main() -> int:
    """Build it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", type=Path, nargs="?", default=ROOT / "dist" / "edochub-verify.pyz")
    target = parser.parse_args().target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        for installed in closure(NEEDED):
            copy(installed, site)
        for package in OURS:
            shutil.copytree(ROOT / package, site / package, ignore=OURS_LEFT_OUT)
        launcher = LAUNCHER.format(major=sys.version_info.major, minor=sys.version_info.minor)
        (site / "edochub_verify.py").write_text(launcher, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "shiv.cli",
            "--site-packages",
            folder,
            "--compressed",
            "--reproducible",
        ]
        command += ["--entry-point", "edochub_verify:main", "--output-file", str(target)]
        subprocess.run(command, check=True)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return 0


def closure(names: Iterable[str]) -> list[Distribution]:
    """Return the installed distributions of these names and of everything they require here."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found[name] = distribution(name)
        required = [Requirement(text) for text in found[name].requires or ()]
        waiting += [
            each.name for each in required if each.marker is None or each.marker.evaluate({"extra": ""})
        ]
    return list(found.values())


def copy(installed: Distribution, site: Path) -> None:
    """Copy a distribution's files; what lies outside of its folder (scripts) stays behind."""
    for file in installed.files or ():
        if ".." in file.parts or file.suffix == ".pyc":
            continue
        source = Path(str(installed.locate_file(file)))
        destination = site / file
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, destination)


if __name__ == "__main__":
    sys.exit(main())
