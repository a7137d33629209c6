"""A time-stamping authority of our own, for demonstrations and tests: RFC 3161, with RFC 5816.

`LocalTimeStampAuthority` makes tokens in the process; `tsa_server` answers for it over HTTP.
Not for production: an authority that its own users run proves nothing to others.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.keys import SigningKey

# "2.25" with a random UUID (ITU-T X.667): nobody's policy but ours, and it promises nothing.
POLICY = "2.25.313904722416063137571374160262106341271"
DIGESTS = {"sha256": 32, "sha384": 48, "sha512": 64}


class LocalTimeStampAuthority:
    """Stamps with a key whose certificate is for time stamping only. `clock` says what time it is."""

    def __init__(self, key: SigningKey, clock: Callable[[], datetime]) -> None:
        self.key = key
        self.clock = clock

    async def stamp(self, digest_sha256: bytes) -> bytes:
        """Return a TimeStampToken over the digest."""
        return self.token("sha256", digest_sha256)

    def token(
        self, algorithm: str, digest: bytes, *, nonce: int | None = None, certificates: bool = True
    ) -> bytes:
        """Return a TimeStampToken over a digest by this algorithm, in DER."""
        if DIGESTS.get(algorithm) != len(digest):
            raise ValueError(f"expected a digest by SHA-256, SHA-384 or SHA-512, got {algorithm}")
        info = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest},
            "serial_number": secrets.randbits(63),
            "gen_time": self.clock().replace(microsecond=0),
            "accuracy": {"seconds": 1},
        }
        if nonce is not None:
            info["nonce"] = nonce
        return self._signed(tsp.TSTInfo(info).dump(), certificates=certificates)

    def answer(self, query: bytes) -> bytes:
        """Return the TimeStampResp to a TimeStampReq, both in DER. What is wrong with the query is in the answer."""
        try:
            asked = tsp.TimeStampReq.load(query, strict=True)
            imprint = asked["message_imprint"]
            algorithm, digest = (
                imprint["hash_algorithm"]["algorithm"].native,
                imprint["hashed_message"].native,
            )
            nonce, wanted = asked["nonce"].native, asked["req_policy"].native
            certificates = asked["cert_req"].native
        except (ValueError, TypeError, KeyError):
            return _refusal("bad_data_format")
        if DIGESTS.get(algorithm) != len(digest):
            return _refusal("bad_alg")
        if wanted not in (None, POLICY):
            return _refusal("unaccepted_policy")
        token = self.token(algorithm, digest, nonce=nonce, certificates=certificates)
        granted = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}
        return bytes(tsp.TimeStampResp(granted).dump())

    def _signed(self, info: bytes, *, certificates: bool) -> bytes:
        own = asn1.Certificate.load(self.key.certificate.public_bytes(Encoding.DER))
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [_binding(own)]}),
            ]
        )
        elliptic = isinstance(self.key.certificate.public_key(), ec.EllipticCurvePublicKey)
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number",
                    {"issuer": own.issuer, "serial_number": own.serial_number},
                ),
                "digest_algorithm": digest,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa" if elliptic else "sha256_rsa"},
                "signature": self.key.sign(attributes.dump(), hashes.SHA256()),
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(info),
                },
                "signer_infos": [signer],
            }
        )
        if certificates:
            signed["certificates"] = [
                asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in self.key.chain
            ]
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def _binding(own: asn1.Certificate) -> tsp.SigningCertificateV2:
    issuer = asn1.GeneralName("directory_name", own.issuer)
    named = {
        "cert_hash": hashlib.sha256(own.dump()).digest(),
        "issuer_serial": {"issuer": [issuer], "serial_number": own.serial_number},
    }
    return tsp.SigningCertificateV2({"certs": [named]})


class _Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """A TimeStampResp without a token: RFC 3161, 2.4.2; asn1crypto's own demands one."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012  # how asn1crypto declares


def _refusal(failure: str) -> bytes:
    status = {"status": "rejection", "fail_info": {failure}}
    return bytes(_Refusal({"status": status}).dump())
