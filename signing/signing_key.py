"""A key that is ready to sign, wherever it lives: in memory, in a PKCS#11 token, behind a command.

What a key elsewhere returns is checked against its certificate before anybody uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.text import Sentence, Text

Algorithm = Literal["ecdsa-p256", "rsa-2048"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

WRONG_PAIR = Sentence(
    vi="Chứng thư trong tệp khóa {name} không thuộc về khóa này.",
    en="The certificate in the key file {name} does not belong to the key.",
)
ELSEWHERE = Sentence(
    vi="Khóa {name} nằm ở thiết bị hoặc chương trình khác; không lấy ra được.",
    en="The key {name} is in a device or behind a program; it cannot be taken out.",
)
WRONG_VALUE = Sentence(
    vi="Chữ ký mà khóa {name} trả về không khớp chứng thư của khóa.",
    en="What the key {name} returned as a signature does not fit its certificate.",
)


class UnusableKey(Exception):
    """A key cannot be saved or loaded. `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Signer(Protocol):
    """A key that is elsewhere and signs for us: in a PKCS#11 token, behind a command."""

    def sign(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """Return RSA PKCS#1 v1.5, or ECDSA in DER, over the octets. Raises `UnusableKey`."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that is ready to sign, and its certificates, its own first. Its repr says nothing of the key."""

    name: str
    secret: PrivateKey | Signer
    chain: tuple[x509.Certificate, ...]

    def __post_init__(self) -> None:
        if not self.chain or not self._fits_its_certificate():
            raise UnusableKey(WRONG_PAIR.say(name=self.name))

    def _fits_its_certificate(self) -> bool:
        public = self.chain[0].public_key()
        if isinstance(self.secret, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            return _public(public) == _public(self.secret.public_key())
        # Whether a key elsewhere belongs to the certificate shows when it signs: `sign` checks each value.
        return isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r}, {self.certificate.subject.rfc4514_string()!r})"

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key itself."""
        return self.chain[0]

    @property
    def private_key(self) -> PrivateKey:
        """The private key itself, if it is with us. Raises `UnusableKey` for one that is elsewhere."""
        if isinstance(self.secret, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            return self.secret
        raise UnusableKey(ELSEWHERE.say(name=self.name))

    def sign(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """Return the signature: RSA PKCS#1 v1.5, or ECDSA in DER. Raises `UnusableKey` for one that does not hold."""
        if isinstance(self.secret, ec.EllipticCurvePrivateKey):
            return self.secret.sign(octets, ec.ECDSA(algorithm))
        if isinstance(self.secret, rsa.RSAPrivateKey):
            return self.secret.sign(octets, padding.PKCS1v15(), algorithm)
        value = self.secret.sign(octets, algorithm)
        try:
            _check(self.certificate.public_key(), value, octets, algorithm)
        except InvalidSignature as error:
            raise UnusableKey(WRONG_VALUE.say(name=self.name)) from error
        return value


def _check(key: object, value: bytes, octets: bytes, algorithm: hashes.HashAlgorithm) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(value, octets, ec.ECDSA(algorithm))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(value, octets, padding.PKCS1v15(), algorithm)
    else:
        raise InvalidSignature


def _public(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return b""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
