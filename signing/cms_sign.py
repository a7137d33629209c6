"""Make a CMS SignedData around content (RFC 5652) with a key of ours: CAdES-B-B or, time-stamped, B-T (EN 319 122-1).

pyHanko builds the structure; the key signs, wherever it lives.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from schemas.text import Sentence
from signing import schemes
from signing.profile import Scheme
from signing.signing_key import SigningKey, UnusableKey
from signing.timestamp import TimeStampAuthority

NO_SCHEME = Sentence(
    vi="Khóa {name} không ký được: loại khóa không được phép.",
    en="The key {name} cannot sign: keys of its kind are not permitted.",
)


async def enveloped(
    content: bytes,
    key: SigningKey,
    *,
    at: datetime,
    timestamper: TimeStampAuthority | None = None,
) -> bytes:
    """Return the SignedData in DER, the content in it. `at` is the signing time that it claims.

    Raises `UnusableKey`, and what the time-stamper raises. The key signs on a thread: it may be slow.
    """
    scheme = schemes.scheme_of(key.certificate.public_key())
    if scheme is None:
        raise UnusableKey(NO_SCHEME.say(name=key.name))
    made: cms.ContentInfo = await _KeySigner(key, scheme, timestamper).async_sign_general_data(
        content,
        scheme.hash.name,
        detached=False,
        use_cades=True,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
    )
    octets: bytes = made.dump()
    return octets


class _KeySigner(Signer):
    """pyHanko's builder of CMS, signing with a key of ours, wherever that lives."""

    def __init__(self, key: SigningKey, scheme: Scheme, timestamper: TimeStampAuthority | None) -> None:
        certificates = [_asn1(certificate) for certificate in key.chain]
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple(certificates[1:])
        super().__init__(signing_cert=certificates[0], cert_registry=registry)
        self._key = key
        self._scheme = scheme
        self._authority = timestamper

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the signature value over the signed attributes."""
        assert digest_algorithm == self._scheme.hash.name
        assert not dry_run
        return await asyncio.to_thread(self._key.sign, data, self._scheme.hash)

    async def unsigned_attrs(
        self,
        digest_algorithm: str,  # noqa: ARG002
        signature: bytes,
        signed_attrs: Any,  # noqa: ARG002
        timestamper: Any = None,  # noqa: ARG002
        dry_run: bool = False,  # noqa: ARG002
    ) -> cms.CMSAttributes | None:
        """Return the signature time stamp of CAdES-B-T (EN 319 122-1, 5.3), if somebody makes one."""
        if self._authority is None:
            return None
        token = await self._authority.stamp(hashlib.sha256(signature).digest())
        stamped = {"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}
        return cms.CMSAttributes([cms.CMSAttribute(stamped)])


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
