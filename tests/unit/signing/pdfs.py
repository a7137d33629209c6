"""PDFs and their signatures, made with pyHanko, for the tests of attachments. All names are invented."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

from asn1crypto import cms, crl, keys, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic as pdf_objects
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter, PdfFileWriter
from pyhanko.pdf_utils.writer import PageObject as PdfPage
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing import certificates
from signing.ca import CertificateAuthority
from signing.keys import SigningKey, certificate_for, usage_for_documents
from signing.trust import TrustStore
from signing.tsa import LocalTimeStampAuthority

# pyHanko says nothing of their types.
generic: Any = pdf_objects
PageObject: Any = PdfPage
NewPdf: Any = PdfFileWriter
Store: Any = SimpleCertificateStore

ISSUED = datetime(2026, 1, 5, 8, tzinfo=UTC)
SIGNED = datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC)
RECEIVED = datetime(2026, 2, 4, 8, tzinfo=UTC)


@cache
def root() -> CertificateAuthority:
    """Return the root that the tests trust."""
    return CertificateAuthority.create("Gốc thử nghiệm", ISSUED)


@cache
def issuer() -> CertificateAuthority:
    """Return the authority below it, which signatures usually leave out."""
    return root().authority("CA phục vụ cơ quan thử nghiệm", ISSUED)


@cache
def person() -> SigningKey:
    """Return the key of an official."""
    return issuer().issue(
        "Nguyễn Văn Mẫu", ISSUED, organisation="UBND xã Mẫu", province="Quảng Ninh", algorithm="rsa-2048"
    )


@cache
def agency() -> SigningKey:
    """Return the key of the agency itself."""
    return issuer().issue(
        "UBND xã Mẫu", ISSUED, organisation="UBND xã Mẫu", province="Quảng Ninh", name="agency"
    )


@cache
def weak_key() -> SigningKey:
    """Return a key of 1024 bits that the issuer was careless enough to certify."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    name = person().certificate.subject
    builder = certificate_for(
        name, issuer().certificate.subject, private.public_key(), ISSUED, RECEIVED.replace(year=2027)
    )
    builder = builder.add_extension(usage_for_documents(), critical=True)
    return SigningKey("weak", private, (builder.sign(issuer().key.private_key, hashes.SHA256()),))


def trust(**options: Any) -> TrustStore:
    """Return a store that trusts the root and knows the authority below it."""
    return TrustStore(
        [certificates.of(root().certificate)], [certificates.of(issuer().certificate)], **options
    )


def asn1(certificate: Any) -> x509.Certificate:
    """Return a certificate as pyHanko wants it."""
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def signer(key: SigningKey, *, chain: bool = False, **options: Any) -> signers.SimpleSigner:
    """Return pyHanko's signer for a key, which encloses only the key's own certificate unless told otherwise."""
    octets = key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return signers.SimpleSigner(
        signing_cert=asn1(key.certificate),
        signing_key=keys.PrivateKeyInfo.load(octets),
        cert_registry=Store.from_certs([asn1(each) for each in key.chain[1:]] if chain else []),
        **options,
    )


class Stamper(TimeStamper):
    """Our own authority, as pyHanko asks for time stamps."""

    def __init__(self, authority: LocalTimeStampAuthority) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.authority = authority

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token over the digest."""
        return cms.ContentInfo.load(self.authority.token(md_algorithm, message_digest))

    async def async_dummy_response(self, md_algorithm: str) -> cms.ContentInfo:
        """Return a token of the size to expect."""
        return await self.async_timestamp(hashlib.new(md_algorithm).digest(), md_algorithm)


def stamper(at: datetime, under: CertificateAuthority | None = None) -> Stamper:
    """Return an authority whose clock stands at a time, issued by the root unless told otherwise."""
    key = (under or root()).time_stamp_authority("TSA thử nghiệm", ISSUED)
    return Stamper(LocalTimeStampAuthority(key, lambda: at))


def blank(text: str = "Quyet dinh so 12") -> bytes:
    """Return a PDF of one page."""
    writer = NewPdf(stream_xrefs=False)
    font = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Font"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Type1"),
            generic.pdf_name("/BaseFont"): generic.pdf_name("/Helvetica"),
        }
    )
    fonts = generic.DictionaryObject({generic.pdf_name("/F1"): writer.add_object(font)})
    page = PageObject(
        contents=writer.add_object(
            generic.StreamObject(stream_data=f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode())
        ),
        media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
        resources=generic.DictionaryObject({generic.pdf_name("/Font"): fonts}),
    )
    writer.insert_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def sign(
    content: bytes,
    key: SigningKey,
    *,
    at: datetime = SIGNED,
    field: str = "Signature1",
    digest: str = "sha256",
    stamp: Stamper | None = None,
    pades: bool = True,
    chain: bool = False,
) -> bytes:
    """Return a PDF with one signature more, in a revision of its own."""
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm=digest,
        subfilter=SigSeedSubFilter.PADES if pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
    )
    writer = IncrementalPdfFileWriter(BytesIO(content))
    signing = _Signing(
        metadata, signer(key, chain=chain), timestamper=stamp, new_field_spec=SigFieldSpec(field)
    )
    signing.at = at
    return bytes(asyncio.run(signing.async_sign_pdf(writer)).getvalue())


class _Signing(signers.PdfSigner):
    """Signs as if it were another time: pyHanko asks its own clock only."""

    at = SIGNED

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> signers.pdf_signer.PdfSigningSession:
        """Return pyHanko's session, its clock set."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def with_revocation_data(content: bytes, *, crls: Sequence[bytes], certs: Sequence[SigningKey]) -> bytes:
    """Return a PDF with a document security store in a revision of its own."""
    out = BytesIO(content)
    DocumentSecurityStore.add_dss(
        output_stream=out,
        sig_contents=None,
        certs=[asn1(each.certificate) for each in certs],
        crls=[crl.CertificateList.load(each) for each in crls],
    )
    return out.getvalue()


def with_document_stamp(content: bytes, stamp: Stamper) -> bytes:
    """Return a PDF with a time stamp over all of it, in a revision of its own (PAdES-B-LTA)."""
    made = signers.PdfTimeStamper(stamp, field_name="Archive1")
    done = made.async_timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(content)), "sha256", validation_context=None
    )
    return bytes(asyncio.run(done).getvalue())


def edited(content: bytes, text: str = "Quyet dinh so 99") -> bytes:
    """Return a PDF whose page says something else, in a revision of its own."""
    writer: Any = IncrementalPdfFileWriter(BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0]
    stream = generic.StreamObject(stream_data=f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode())
    page["/Contents"] = writer.add_object(stream)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def with_a_cover(content: bytes, stamp: Stamper | None = None) -> bytes:
    """Return a PDF with a signature field drawn over its whole page, that nobody signed or with a time stamp only."""
    writer: Any = IncrementalPdfFileWriter(BytesIO(content))
    append_signature_field(writer, SigFieldSpec("Cover", on_page=0, box=(0, 0, 600, 800)))
    (field,) = (
        each.get_object()
        for each in writer.root["/AcroForm"]["/Fields"]
        if each.get_object()["/T"] == "Cover"
    )
    drawn = pdf_objects.StreamObject(stream_data=b"1 g 0 0 600 800 re f")
    drawn |= {
        pdf_objects.pdf_name("/Type"): pdf_objects.pdf_name("/XObject"),
        pdf_objects.pdf_name("/Subtype"): pdf_objects.pdf_name("/Form"),
        pdf_objects.pdf_name("/BBox"): pdf_objects.ArrayObject(
            map(pdf_objects.NumberObject, (0, 0, 600, 800))
        ),
    }
    kinds: Any = pdf_objects
    field["/AP"] = kinds.DictionaryObject({pdf_objects.pdf_name("/N"): writer.add_object(drawn)})
    writer.update_container(field)
    out = BytesIO()
    writer.write(out)
    if stamp is None:
        return out.getvalue()
    made = signers.PdfTimeStamper(stamp, field_name="Cover")
    done = made.async_timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(out.getvalue())), "sha256", validation_context=None
    )
    return bytes(asyncio.run(done).getvalue())


def with_a_longer_value(content: bytes, text: str = "Quyet dinh so 99") -> bytes:
    """Return a signed PDF whose page an update changes, and whose value it repeats with so many zeros behind it that
    the value and what is signed are as long as the file together."""
    signature = re.search(
        rb"(\d+) 0 obj\s*(<<(?:(?!endobj).)*/Contents )<([0-9A-Fa-f]+)>(.*?>>)", content, re.DOTALL
    )
    ranges = re.search(rb"/ByteRange\s*\[\s*0 (\d+) \d+ (\d+)", content)
    assert signature is not None
    assert ranges is not None
    reader = PdfFileReader(BytesIO(content))
    page = reader.root["/Pages"]["/Kids"][0].raw_get("/Contents").idnum
    value = re.sub(rb"[()\\]", rb"\\\g<0>", bytes.fromhex(signature[3].decode())).replace(b"\r", b"\\r")
    drawn = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    stream = b"<</Length %d>>\nstream\n%b\nendstream" % (len(drawn), drawn)
    start = content.rindex(b"startxref") + len(b"startxref")
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (
        reader.trailer["/Size"],
        reader.trailer.raw_get("/Root").idnum,
        int(content[start:].split()[0]),
    )

    def update(zeros: int, blanks: int) -> bytes:
        out = content + b"\n" * blanks
        table = b"xref\n"
        longer = signature[2] + b"(" + value + bytes(zeros) + b")" + signature[4]
        for number, body in ((page, stream), (int(signature[1]), longer)):
            table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        return out + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(out)

    signed = int(ranges[1]) + int(ranges[2]) + len("<>") + len(signature[3])
    for zeros in range(20_000):
        for blanks in (1, 2):
            if len(made := update(zeros, blanks)) == signed + 2 * zeros:
                return made
    raise AssertionError


def cms_of(content: bytes, key: SigningKey, *, detached: bool = True, digest: str = "sha256") -> bytes:
    """Return a CMS signature (CAdES-B-B) over octets, beside them or around them."""
    made = signer(key)
    signed = made.async_sign_general_data(
        content,
        digest,
        detached=detached,
        use_cades=True,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=SIGNED),
    )
    return bytes(asyncio.run(signed).dump())
