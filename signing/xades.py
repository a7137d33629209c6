"""Make XAdES signatures over files, at the levels of EN 319 132-1: B-B, B-T, B-LT, B-LTA.

The level follows from what is given: a time-stamping authority makes it B-T; the trust store's revocation data, as far
as it speaks of the two paths, B-LT; `archive` adds an archive time stamp, B-LTA. What is written is the one form of
`xades_form`; `xades_verify` judges it and others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from schemas.text import Sentence, Text
from schemas.xml import Limits, parse
from signing import certificates, profile, schemes, timestamp_token
from signing.certificates import UnreadableCertificate
from signing.keys import SigningKey
from signing.profile import DS
from signing.revocation import RevocationData
from signing.timestamp import TimeStampAuthority
from signing.trust import Chain, Purpose, TrustStore
from signing.xades_form import ASIC, LEVELS, MEDIA_TYPE, NAME, Parts, SignedFile, canonical_form, compose
from signing.xades_read import Signature, check_ids, read
from signing.xades_verify import archive_octets, digest_of

# CRLs of large authorities have some megabytes, and base64 adds a third.
LIMITS = Limits(bytes=32 * 1024 * 1024, tags=40_000, depth=24)

# What one signature may cover, so that the container with it can be read again (`zip_file`).
MOST_FILES = 990
MOST_OCTETS = 240 * 1024 * 1024
LONGEST_NAME = 255

TOO_MUCH = Sentence(
    vi="Quá nhiều để niêm phong trong một tệp chứa: {files} tệp, {octets} byte.",
    en="This is too much to seal in one container: {files} files, {octets} octets.",
)
UNFIT_KEY = Sentence(
    vi="Khóa {name} không ký được theo quy định: cần RSA 2048 đến 4096 bit, P-256 hoặc P-384.",
    en="The key {name} does not fit the profile: expected RSA of 2048 to 4096 bits, P-256 or P-384.",
)
BAD_NAME = Sentence(
    vi="Tên tệp {name} không dùng được trong tệp chứa: chỉ dùng chữ không dấu, chữ số và . _ ~ -",
    en="The file name {name} cannot be used in a container: use letters without marks, digits and . _ ~ -",
)
NO_FILES = Text(vi="Không có tệp nào để ký.", en="There is no file to sign.")
NOT_STAMPED = Text(
    vi="Dấu thời gian lưu trữ chỉ đặt được lên chữ ký đã có dấu thời gian.",
    en="An archive time stamp needs a signature that has a time stamp already.",
)


class NotSealed(Exception):
    """No signature was made. `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file to be signed, and what it is (RFC 6838), e.g. "application/xml"."""

    content: bytes
    media_type: str


async def seal(
    files: Mapping[str, DataFile],
    key: SigningKey,
    *,
    at: datetime,
    timestamper: TimeStampAuthority | None = None,
    trust: TrustStore | None = None,
    archive: bool = False,
    number: int = 0,
) -> bytes:
    """Return a signature file over these files, in their order. Raises `NotSealed`, `NoTimeStamp` or `UnusableKey`.

    `trust`: where the certificates and revocation data to enclose are taken from.
    """
    contents = {name: file.content for name, file in files.items()}
    if archive and timestamper is None:
        raise NotSealed(NOT_STAMPED)
    parts = _unsigned(files, key, at, number)
    known = _with_validation_data(parts, key, trust)
    steps = (timestamper is not None, bool(known.crls or known.ocsp_responses), archive)
    parts = _signed(replace(parts, level=LEVELS[(*steps, False).index(False)]), key)
    if timestamper is not None:
        value = canonical_form(reread(parts).value_element, profile.EXCLUSIVE)
        parts = replace(parts, stamps=(await timestamper.stamp(hashlib.sha256(value).digest()),))
    parts = _with_validation_data(parts, key, trust)
    if archive and timestamper is not None:
        parts = await archived(parts, contents, timestamper)
    return compose(parts)


async def archived(parts: Parts, contents: Mapping[str, bytes], timestamper: TimeStampAuthority) -> Parts:
    """Return the parts with one more archive time stamp, which covers all that is there."""
    if not parts.stamps:
        raise NotSealed(NOT_STAMPED)
    covered = list(archive_octets(reread(parts), contents, None, profile.EXCLUSIVE))
    token = await timestamper.stamp(digest_of(covered, "sha256"))
    return replace(parts, archives=(*parts.archives, token))


def _unsigned(files: Mapping[str, DataFile], key: SigningKey, at: datetime, number: int) -> Parts:
    scheme = schemes.scheme_of(key.certificate.public_key())
    if scheme is None:
        raise NotSealed(UNFIT_KEY.say(name=key.name))
    if not files:
        raise NotSealed(NO_FILES)
    octets = sum(len(file.content) for file in files.values())
    if len(files) > MOST_FILES or octets > MOST_OCTETS:
        raise NotSealed(TOO_MUCH.say(files=len(files), octets=octets))
    seen: set[str] = set()
    for name, file in files.items():
        # Names that differ in case only are one name on some machines; `zip_file` refuses them.
        folded = name.casefold()
        reserved = folded.startswith("meta-inf/") or folded == "mimetype" or folded in seen
        if reserved or not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise NotSealed(BAD_NAME.say(name=name[:80]))
        seen.add(folded)
        if not MEDIA_TYPE.fullmatch(file.media_type):
            raise ValueError(f"expected a media type, got {file.media_type!r}")
    if at.utcoffset() is None or at.utcoffset():
        raise ValueError(f"expected a time in UTC, got {at.isoformat()}")
    return Parts(
        number=number,
        level=LEVELS[0],
        files=tuple(
            SignedFile(name, file.media_type, hashlib.sha256(file.content).digest())
            for name, file in files.items()
        ),
        scheme=scheme,
        at=at,
        certificate=key.certificate.public_bytes(Encoding.DER),
    )


def _signed(parts: Parts, key: SigningKey) -> Parts:
    properties = canonical_form(reread(parts).properties, profile.EXCLUSIVE)
    parts = replace(parts, properties_digest=hashlib.sha256(properties).digest())
    signed_info = canonical_form(reread(parts).signed_info, profile.EXCLUSIVE)
    return replace(parts, value=schemes.value_of(parts.scheme, key, signed_info))


# What is enclosed so that the signature can still be judged when its issuers answer no more


def _with_validation_data(parts: Parts, key: SigningKey, trust: TrustStore | None) -> Parts:
    own = {one.public_bytes(Encoding.DER): None for one in key.chain[1:]}
    if trust is None:
        return replace(parts, certificates=tuple(own))
    known = RevocationData.empty()
    for chain in _paths(parts, key, trust):
        own |= {one.public_bytes(Encoding.DER): None for one in chain.certificates[1:]}
        known = known.joined(trust.revocation.about(chain.certificates))
    return replace(
        parts,
        certificates=tuple(own),
        crls=tuple(dict.fromkeys(known.crls)),
        ocsp_responses=tuple(dict.fromkeys(known.ocsp_responses)),
    )


def _paths(parts: Parts, key: SigningKey, trust: TrustStore) -> Iterator[Chain]:
    """Yield the path of the signer and those of the time-stamping authorities, as far as the store knows them."""
    leaf, *between = (certificates.of(one) for one in key.chain)
    found = [trust.chain(leaf, between, parts.at)]
    for stamp in parts.stamps:
        token = timestamp_token.read(stamp)
        found.append(trust.chain(token.authority, token.extra, token.time, Purpose.TIME_STAMPS))
    yield from (chain for chain in found if isinstance(chain, Chain))


# Reading back


def signatures_of(content: bytes) -> list[etree._Element]:
    """Return the ds:Signature elements of a signature file, or an empty list if it is none.

    Raises `schemas.findings.InvalidDocument` for what is no XML, `Refused` if an Id stands twice.
    """
    tree = parse(content, LIMITS)
    check_ids(tree)
    root = tree.getroot()
    if root.tag != f"{{{ASIC}}}XAdESSignatures" or any(child.tag != DS + "Signature" for child in root):
        return []
    return list(root)


def reread(parts: Parts) -> Signature:
    """Return the signature of the parts as who verifies it will see it."""
    return read(signatures_of(compose(parts))[0])


def parts_of(signature: Signature, number: int) -> Parts | None:
    """Return the parts that `compose` would have made the signature from, or None if it did not."""
    files = []
    for reference in signature.references:
        if reference.name is not None:
            media_type = signature.media_types.get(reference.id or "", "")
            files.append(SignedFile(reference.name, media_type, reference.digest_value))
    own = next(reference for reference in signature.references if reference.name is None)
    if signature.claimed_at is None or len(signature.key_certificates) != 1:
        return None
    if signature.mark not in LEVELS[: LEVELS.index(signature.level) + 1]:  # something was cut away
        return None
    try:
        certificates.load(signature.key_certificates[0])
    except UnreadableCertificate:
        return None
    return Parts(
        number=number,
        level=signature.mark,
        files=tuple(files),
        scheme=signature.scheme,
        at=signature.claimed_at,
        certificate=signature.key_certificates[0],
        properties_digest=own.digest_value,
        value=signature.value,
        stamps=tuple(token for stamp in signature.stamps for token in stamp.tokens),
        certificates=signature.certificates,
        crls=signature.crls,
        ocsp_responses=signature.ocsp_responses,
        archives=tuple(token for stamp in signature.archives for token in stamp.tokens),
    )
