"""The folder of trust: what the operator laid there, by class, and what was fetched since.

    trust/official-duty/      anchors of the official-duty service (Ban Cơ yếu Chính phủ)
    trust/public/             anchors of public authorities, under the national root
    trust/foreign/            anchors of foreign authorities
    trust/timestamp/          anchors for time stamps, and for nothing else
    trust/                    a certificate directly here is an anchor too, of the class "other"
    trust/intermediates/      authorities in between, for senders that leave them out; not anchors
    trust/crls/               revocation lists that the operator brought, where there is no network
    trust/cache/              what `refresh` fetched: crls/, ocsp/, issuers/, and seen/, the signers to ask about

Certificates end in .pem, .crt, .cer or .der, lists in .crl, .pem or .der, OCSP answers in .ocsp. A file that cannot be
read is a `Problem`, by name, and the others still count. What is in cache/issuers is path material, never an anchor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from schemas.text import Sentence, Text
from signing import certificates, revocation_crl, revocation_ocsp
from signing.certificates import Certificate, UnreadableCertificate

SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})
INTERMEDIATES = "intermediates"
CRLS = "crls"
CACHE = "cache"
ISSUERS, OCSP, SEEN = f"{CACHE}/issuers", f"{CACHE}/ocsp", f"{CACHE}/seen"
FETCHED_CRLS = f"{CACHE}/{CRLS}"
LARGEST_FILE = 1024 * 1024
LARGEST_LIST = revocation_crl.LARGEST
LARGEST_ANSWER = revocation_ocsp.LARGEST

NO_FOLDER = Sentence(
    vi="Không tìm thấy thư mục chứng thư tin cậy {file}.",
    en="There is no folder of trusted certificates {file}.",
)
BAD_FILE = Sentence(
    vi="Tệp {file} không phải chứng thư đọc được (chi tiết: {detail}).",
    en="The file {file} is not a readable certificate (detail: {detail}).",
)
BAD_DATA = Sentence(
    vi="Không đọc được tệp {file} (chi tiết: {detail}).",
    en="The file {file} cannot be read (detail: {detail}).",
)


class AnchorClass(StrEnum):
    """What kind of authority an anchor is. The value is the name of its folder, but for OTHER."""

    OFFICIAL_DUTY = "official-duty"
    PUBLIC = "public"
    FOREIGN = "foreign"
    TIMESTAMP = "timestamp"
    OTHER = "other"

    @property
    def folder(self) -> str:
        """The folder of its certificates, below the folder of trust."""
        return "" if self is AnchorClass.OTHER else str(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file in the trust folder that could not be used."""

    file: str
    message: Text


@dataclass(frozen=True, slots=True)
class Laid:
    """A certificate that the operator laid into a file. `kind` None: an intermediate authority."""

    certificate: Certificate
    kind: AnchorClass | None
    file: Path


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in the folder. Lists and answers are octets, not looked at yet."""

    laid: tuple[Laid, ...] = ()
    fetched: tuple[Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()
    problems: tuple[Problem, ...] = ()


def read(path: Path) -> Contents:
    """Read the folder. Never raises for what lies in it: bad files are in `problems`."""
    if not path.is_dir():
        return Contents(problems=(Problem(path.name, NO_FOLDER.say(file=path.name)),))
    problems: list[Problem] = []
    laid = [
        Laid(certificate, kind, file)
        for kind, folder in _places()
        for file, certificate in _certificates(path, folder, problems)
    ]
    fetched = [certificate for _, certificate in _certificates(path, ISSUERS, problems)]
    lists = [
        octets
        for folder, suffixes in ((CRLS, {".crl", ".pem", ".der"}), (FETCHED_CRLS, {".crl"}))
        for octets in _octets(path, folder, suffixes, LARGEST_LIST, problems)
    ]
    answers = _octets(path, OCSP, {".ocsp"}, LARGEST_ANSWER, problems)
    return Contents(tuple(laid), tuple(fetched), tuple(lists), tuple(answers), tuple(problems))


def seen(path: Path) -> tuple[Certificate, ...]:
    """Return the signers' certificates that were kept, to ask about."""
    return tuple(certificate for _, certificate in _certificates(path, SEEN, []))


def mark(path: Path) -> tuple[object, ...]:
    """Return what changes when a file of the folder does: cheap, for looking often.

    Of what people lay there, every file counts; of what we fetched, the folders do: a renamed-in file changes them.
    """
    found: list[object] = []
    for name in ("", *(kind.folder for kind in AnchorClass if kind.folder), INTERMEDIATES, CRLS):
        found += sorted(
            (name, file.name, stat.st_mtime_ns, stat.st_size, stat.st_ino)
            for file in _files(path / name)
            for stat in (file.stat(),)
        )
    for name in (ISSUERS, OCSP, FETCHED_CRLS):
        folder = path / name
        found.append((name, folder.stat().st_mtime_ns if folder.is_dir() else 0))
    return tuple(found)


def _places() -> Iterator[tuple[AnchorClass | None, str]]:
    yield AnchorClass.OTHER, ""
    for kind in AnchorClass:
        if kind is not AnchorClass.OTHER:
            yield kind, kind.folder
    yield None, INTERMEDIATES


def _certificates(path: Path, folder: str, problems: list[Problem]) -> Iterator[tuple[Path, Certificate]]:
    for file in _files(path / folder):
        if file.suffix.lower() in SUFFIXES:
            try:
                for certificate in read_certificates(file):
                    yield file, certificate
            except (OSError, ValueError, UnreadableCertificate) as error:
                name = str(file.relative_to(path))
                problems.append(Problem(name, BAD_FILE.say(file=name, detail=str(error)[:80])))


def read_certificates(file: Path) -> Sequence[Certificate]:
    """Return the certificates of a file: one in DER, or any number in PEM.

    Raises `UnreadableCertificate`, `ValueError` and `OSError`.
    """
    with file.open("rb") as stream:
        octets = stream.read(LARGEST_FILE + 1)
    if len(octets) > LARGEST_FILE:
        raise UnreadableCertificate(f"expected at most {LARGEST_FILE} octets")
    if b"-----BEGIN" in octets:
        return [certificates.of(certificate) for certificate in x509.load_pem_x509_certificates(octets)]
    return [certificates.load(octets)]


def _octets(
    path: Path, folder: str, suffixes: set[str], most: int, problems: list[Problem]
) -> Iterator[bytes]:
    for file in _files(path / folder):
        if file.suffix.lower() in suffixes:
            try:
                if file.stat().st_size > most:
                    raise OSError(f"expected at most {most} octets")
                yield file.read_bytes()
            except OSError as error:
                name = str(file.relative_to(path))
                problems.append(Problem(name, BAD_DATA.say(file=name, detail=str(error)[:80])))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
