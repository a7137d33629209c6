"""Reads signatures out of strangers' PDF and CMS files with pyHanko. Runs in `reading_process` only: importing pyHanko
takes half a second, and a file may be made to keep its reader busy for ever.

Nothing is judged here but arithmetic: is the digest right, was the value made by the key of the certificate, how much
does it cover, what was changed since. Whatever pyHanko raises becomes a `problem`: its exceptions are many, and for a
broken file any other exception may come too.
"""

from __future__ import annotations

import logging
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, cast

from asn1crypto import cms, core
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.diff_analysis.rules.form_field_rules import is_field_visible
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import NonexistentAttributeError, find_cms_attribute_iter
from pyhanko.sign.validation import generic_cms
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from signing.facts import FileFacts, SignatureFacts

MOST_SIGNATURES = 32
MOST_CERTIFICATES = 64
MOST_REVOCATIONS = 64
LARGEST_SIGNATURE = 2 * 1024 * 1024  # octets of one CMS; those with a CRL inside are large

# Problems
UNREADABLE = "unreadable"
ENCRYPTED = "encrypted"
TOO_MANY = "too-many"
NO_CERTIFICATE = "no-certificate"
UNSUPPORTED = "unsupported"


class _Unsupported(Exception):
    """A signature that is made in a way which we do not judge. Its text says how."""


SUB_FILTERS = ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/ETSI.RFC3161")


def read_pdf(content: bytes) -> FileFacts:
    """Return what is signed in a PDF. Never raises for what is in the file."""
    logging.disable(logging.CRITICAL)  # pyHanko tells strangers' oddities at length
    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        if reader.encrypted:
            return FileFacts(problem=ENCRYPTED)
        fields = list(enumerate_sig_fields(reader, filled_status=True))
        store = _security_store(reader)
    except Exception as error:
        return FileFacts(problem=UNREADABLE, detail=type(error).__name__)
    read = [_field(reader, *each) for each in fields[:MOST_SIGNATURES]]
    read.sort(key=lambda facts: facts.revision)
    return FileFacts(
        signatures=tuple(facts for facts in read if facts.sub_filter != "ETSI.RFC3161"),
        document_stamps=tuple(facts for facts in read if facts.sub_filter == "ETSI.RFC3161"),
        problem=TOO_MANY if len(fields) > MOST_SIGNATURES else "",
        detail=str(len(fields)) if len(fields) > MOST_SIGNATURES else "",
        **store,
    )


def _field(reader: PdfFileReader, name: str, value: Any, field: Any) -> SignatureFacts:
    """Return one signature field of a PDF, whatever is wrong with it."""
    sub_filter = ""
    try:
        sub_filter = str(value.get_object().get("/SubFilter", "")).removeprefix("/")
        if f"/{sub_filter}" not in SUB_FILTERS:
            return SignatureFacts(
                name=name, sub_filter=sub_filter, problem=UNSUPPORTED, detail=sub_filter or "-"
            )
        embedded = EmbeddedPdfSignature(reader, field, name)
        if len(embedded.pkcs7_content) > LARGEST_SIGNATURE:
            return SignatureFacts(name=name, sub_filter=sub_filter, problem=UNREADABLE, detail="size")
        return _embedded(reader, embedded, name, sub_filter)
    except Exception as error:
        return SignatureFacts(
            name=name, sub_filter=sub_filter, problem=_problem_of(error), detail=_detail_of(error)
        )


def _embedded(
    reader: PdfFileReader, embedded: EmbeddedPdfSignature, name: str, sub_filter: str
) -> SignatureFacts:
    check: Any = embedded  # pyHanko has no types here
    check.compute_integrity_info()
    placed: dict[str, Any] = {
        "name": name,
        "sub_filter": sub_filter,
        "coverage": _coverage(embedded),
        "revision": embedded.signed_revision + 1,
        "revisions": reader.xrefs.total_revisions,
        "byte_range": tuple(int(number) for number in embedded.byte_range),
        "changes": _changes(reader, embedded),
        "allowed": embedded.summarise_integrity_info()["docmdp_ok"] is not False,
    }
    if sub_filter == "ETSI.RFC3161":
        return SignatureFacts(**placed, time_stamps=(_unpadded(embedded.pkcs7_content),))
    signed = _signer(embedded.signed_data, embedded.signer_info, embedded.compute_digest(), "data")
    claimed = signed.pop("claimed_at") or _aware(embedded.self_reported_timestamp)
    return SignatureFacts(**placed, **signed, claimed_at=claimed)


def _unpadded(content: bytes) -> bytes:
    """Return a CMS without the zeros that fill up the room that was left for it."""
    return bytes(cms.ContentInfo.load(content).dump())


def _coverage(embedded: Any) -> str:
    if not _fills_the_gap(embedded):
        return "other"
    if embedded.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return "file"
    return "revision" if embedded.coverage is SignatureCoverageLevel.ENTIRE_REVISION else "other"


def _fills_the_gap(embedded: Any) -> bool:
    """Tell whether what the signature leaves out is its own value, in hex and nothing else (ISO 32000-2, 12.8.1).

    pyHanko 0.38 adds up lengths: an update with a longer copy of the value makes them those of the whole file.
    """
    start, first, second, _ = (int(number) for number in embedded.byte_range)
    stream = embedded.reader.stream
    stream.seek(first)
    gap = bytes(stream.read(max(0, second - first)))
    if start != 0 or first < 0 or gap[:1] != b"<" or gap[-1:] != b">":
        return False
    try:
        return bool(bytes.fromhex(gap[1:-1].decode("ascii")) == embedded.pkcs7_content)
    except ValueError:
        return False


def _changes(reader: PdfFileReader, embedded: EmbeddedPdfSignature) -> str:
    """Return what was changed after the signature: what pyHanko's comparison of the revisions finds."""
    result: Any = embedded.diff_result
    if not isinstance(result, DiffResult) or result.modification_level > ModificationLevel.FORM_FILLING:
        return "other"
    if result.modification_level is ModificationLevel.NONE:
        return "none"
    if result.modification_level is ModificationLevel.LTA_UPDATES:
        return "archive"
    named = {name for name, _, field in enumerate_sig_fields(reader) if _is_told(reader, field, embedded)}
    return "signatures" if result.changed_form_fields <= named else "fields"


def _is_told(reader: PdfFileReader, field: Any, embedded: EmbeddedPdfSignature) -> bool:
    """Tell whether a signature field shows nothing, or belongs to a later signature, which has a verdict of its own.

    Any other could be drawn over the page by anybody: one without a signature, or with a time stamp.
    """
    held, visible = field.get_object(), cast("Callable[[Any], bool]", is_field_visible)
    if not visible(held):
        return True
    signed = "/V" in held and _signed_in(reader, field) > embedded.signed_revision
    return signed and held["/V"].get("/SubFilter") != "/ETSI.RFC3161"


def _signed_in(reader: PdfFileReader, field: Any) -> int:
    """Return the revision, from 0, that a signature field has its value from; -1 if that is no object of its own."""
    value = field.get_object().raw_get("/V")
    if not isinstance(value, generic.IndirectObject):
        return -1
    revision: int = reader.xrefs.get_last_change(value.reference)
    return revision


# CMS, inside a PDF or by itself


def read_cms(content: bytes, detached: bytes | None) -> FileFacts:
    """Return the signers of a CMS SignedData (RFC 5652), over the octets beside it, or over those inside."""
    try:
        message = cms.ContentInfo.load(_der(content), strict=True)
        if message["content_type"].native != "signed_data":
            return FileFacts(problem=UNSUPPORTED, detail=str(message["content_type"].native))
        signed_data = message["content"]
        inside = signed_data["encap_content_info"]["content"]
        enclosed = None if inside is core.VOID or inside.native is None else inside
        octets = detached if detached is not None else _octets(enclosed)
        signers = list(signed_data["signer_infos"])
    except Exception as error:
        return FileFacts(problem=UNREADABLE, detail=type(error).__name__)
    if octets is None:
        return FileFacts(problem=UNSUPPORTED, detail="detached")
    return FileFacts(
        signatures=tuple(
            _by_itself(signed_data, signer, octets, f"{number}")
            for number, signer in enumerate(signers[:MOST_SIGNATURES], start=1)
        ),
        problem=TOO_MANY if len(signers) > MOST_SIGNATURES else "",
        detail=str(len(signers)) if len(signers) > MOST_SIGNATURES else "",
        content=_octets(enclosed) if detached is None else None,
    )


def _octets(enclosed: Any) -> bytes | None:
    if enclosed is None:
        return None
    native = enclosed.native
    return native if isinstance(native, bytes) else enclosed.parsed.contents


def _der(content: bytes) -> bytes:
    """Return DER of a file in DER, PEM or bare base64."""
    if content[:1] == b"\x30":
        return content
    return b64decode(b"".join(re.sub(rb"-----[A-Z0-9 ]+-----", b"", content).split()), validate=True)


def _by_itself(
    signed_data: cms.SignedData, signer: cms.SignerInfo, octets: bytes, name: str
) -> SignatureFacts:
    try:
        if signer["signed_attrs"].native is None and _are_attributes(octets):
            raise _Unsupported("signed_attrs")
        digest = hashes.Hash(get_pyca_cryptography_hash(signer["digest_algorithm"]["algorithm"].native))
        digest.update(octets)
        content_type = signed_data["encap_content_info"]["content_type"].native
        return SignatureFacts(
            name=name, coverage="file", **_signer(signed_data, signer, digest.finalize(), content_type)
        )
    except Exception as error:
        return SignatureFacts(name=name, problem=_problem_of(error), detail=_detail_of(error))


def _are_attributes(octets: bytes) -> bool:
    """Tell whether octets could be the signed attributes of another signature: its value holds over them as well."""
    try:
        return any(
            each["type"].native == "message_digest" for each in cms.CMSAttributes.load(octets, strict=True)
        )
    except (ValueError, TypeError):
        return False


def _check_hashes(signer: cms.SignerInfo) -> None:
    """Refuse a value by another hash than the one that is told: `algorithms` would judge the wrong one."""
    told = signer["digest_algorithm"]["algorithm"].native
    try:
        used = signer["signature_algorithm"].hash_algo
    except ValueError:  # it names none, and goes by the other
        return
    if used != told:
        raise _Unsupported(f"{told} / {used}")


def _signer(
    signed_data: cms.SignedData, signer: cms.SignerInfo, digest: bytes, content_type: str
) -> dict[str, Any]:
    # First, as they came: what asn1crypto has looked into it encodes anew, each level once more for each above it.
    stamps = [value.dump() for value in _attribute(signer["unsigned_attrs"], "signature_time_stamp_token")]
    _check_hashes(signer)
    alone = signed_data.copy()
    alone["signer_infos"] = [signer]
    found = generic_cms.extract_certs_for_validation(alone)
    digest_right, value_right = generic_cms.validate_sig_integrity(
        signer, found.signer_cert, content_type, digest
    )
    attributes = signer["signed_attrs"]
    crls, responses = _archived(attributes)
    return {
        "digest_right": digest_right,
        "value_right": value_right,
        "digest": signer["digest_algorithm"]["algorithm"].native,
        "mechanism": signer["signature_algorithm"].signature_algo,
        "digest_value": digest.hex(),
        "value": signer["signature"].native,
        "claimed_at": _aware(generic_cms.extract_self_reported_ts(signer)),
        "names_certificate": bool(
            _attribute(attributes, "signing_certificate_v2") or _attribute(attributes, "signing_certificate")
        ),
        "certificate": found.signer_cert.dump(),
        "others": tuple(each.dump() for each in list(found.other_certs)[:MOST_CERTIFICATES]),
        "time_stamps": tuple(stamps[:MOST_SIGNATURES]),
        "stamped_at": next(_stamped_at(stamps, signer["signature"].native), None),
        "crls": tuple(crls[:MOST_REVOCATIONS]),
        "ocsp_responses": tuple(responses[:MOST_REVOCATIONS]),
    }


def _attribute(attributes: Any, name: str) -> list[Any]:
    if isinstance(attributes, core.Void):
        return []
    try:
        return list(find_cms_attribute_iter(attributes, name))
    except NonexistentAttributeError:
        return []


def _stamped_at(stamps: Iterable[bytes], value: bytes) -> Iterator[datetime]:
    """Yield what the time stamps over this value say; whether to believe them is for others to judge."""
    for stamp in stamps:
        inside = cms.ContentInfo.load(stamp)["content"]["encap_content_info"]["content"].parsed
        imprint = inside["message_imprint"]
        digest = hashes.Hash(get_pyca_cryptography_hash(imprint["hash_algorithm"]["algorithm"].native))
        digest.update(value)
        if digest.finalize() == imprint["hashed_message"].native:
            yield inside["gen_time"].native.astimezone(UTC)


def _archived(attributes: Any) -> tuple[list[bytes], list[bytes]]:
    """Return CRLs and OCSP answers of adbe-revocationInfoArchival (ISO 32000-2, 12.8.3.3.2)."""
    crls: list[bytes] = []
    responses: list[bytes] = []
    for archive in _attribute(attributes, "adobe_revocation_info_archival"):
        crls += [each.dump() for each in _members(archive, "crl")]
        responses += [each.dump() for each in _members(archive, "ocsp")]
    return crls, responses


def _members(archive: Any, name: str) -> Iterable[Any]:
    members = archive[name]
    return () if members is core.VOID or members.native is None else members


def _security_store(reader: PdfFileReader) -> dict[str, Any]:
    """Return the document security store (PAdES, EN 319 142-1, 5.4.2). One that cannot be read is none."""
    try:
        store = reader.root["/DSS"]
        return {
            "certificates": tuple(_streams(store, "/Certs", DecodePurpose.CERTIFICATE))[:MOST_CERTIFICATES],
            "crls": tuple(_streams(store, "/CRLs", DecodePurpose.CRL))[:MOST_REVOCATIONS],
            "ocsp_responses": tuple(_streams(store, "/OCSPs", DecodePurpose.OCSP_RESPONSE))[
                :MOST_REVOCATIONS
            ],
        }
    except Exception:
        return {}


_SHAPES = {DecodePurpose.CRL: asn1_crl.CertificateList, DecodePurpose.OCSP_RESPONSE: asn1_ocsp.OCSPResponse}


def _streams(store: Any, name: str, purpose: DecodePurpose) -> Iterator[bytes]:
    for reference in store.get(name, ()):
        octets = reference.get_object().read_data(purpose)
        if purpose in _SHAPES:
            _SHAPES[purpose].load(octets)
        yield octets


def _detail_of(error: Exception) -> str:
    return str(error) if isinstance(error, _Unsupported) else type(error).__name__


def _problem_of(error: Exception) -> str:
    if isinstance(error, _Unsupported):
        return UNSUPPORTED
    return NO_CERTIFICATE if "certificate not included" in str(error) else UNREADABLE


def _aware(time: datetime | None) -> datetime | None:
    if time is None:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
