"""What is to be fetched for a trust store, and from where: worked out before anything is fetched.

A stranger's document must not make us connect anywhere (SSRF). So addresses are taken only from certificates that the
operator laid down (anchors, intermediates) and from those on a path that ends in an anchor: nobody but an issuer that
is trusted can have written them. A signer whose path is not known makes us fetch nothing at all, not even its issuer.
A redirect may lead only to hosts that such certificates name. Private addresses are allowed: these networks are.

`hosts` replaces the host of an address: certificates of the national authority name `ocsp.ca.ptc`, a name that exists
only in its own network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ObjectIdentifier

from signing.revocation_crl import points

SCHEMES = frozenset({"http", "https"})
LONGEST_URL = 2048


@dataclass(frozen=True, slots=True)
class CrlSource:
    """A list to fetch, and the authorities that may have signed it."""

    url: str
    issuers: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class OcspSource:
    """A question to ask about a certificate."""

    url: str
    certificate: x509.Certificate
    issuer: x509.Certificate


@dataclass(frozen=True, slots=True)
class IssuerSource:
    """The certificate of an authority that is missing between `certificate` and an anchor."""

    url: str
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything to fetch, and the hosts that may be connected to."""

    crls: tuple[CrlSource, ...]
    ocsp: tuple[OcspSource, ...]
    issuers: tuple[IssuerSource, ...]
    hosts: frozenset[str]


def of(
    laid: Iterable[x509.Certificate],
    paths: Iterable[tuple[x509.Certificate, ...]],
    hosts: Mapping[str, str],
) -> Sources:
    """Return what to fetch for certificates that the operator laid down and for paths that end in an anchor."""
    own = list(laid)
    found = list(paths)
    trusted = list(dict.fromkeys((*own, *(certificate for path in found for certificate in path))))
    crls: dict[str, dict[x509.Certificate, None]] = {}
    for certificate in trusted:
        issuers = [issuer for issuer in trusted if _issued(issuer, certificate)]
        for url in _crl_urls(certificate, hosts):
            crls.setdefault(url, {}).update(dict.fromkeys(issuers))
    asked = {(path[0], path[1]) for path in found if len(path) > 1}
    missing = [
        certificate for certificate in own if not any(_issued(other, certificate) for other in trusted)
    ]
    return Sources(
        crls=tuple(CrlSource(url, tuple(issuers)) for url, issuers in crls.items() if issuers),
        ocsp=tuple(
            OcspSource(url, leaf, issuer)
            for leaf, issuer in sorted(asked, key=lambda pair: pair[0].serial_number)
            for url in _access(leaf, AuthorityInformationAccessOID.OCSP, hosts)[:1]
        ),
        issuers=tuple(
            IssuerSource(url, certificate)
            for certificate in missing
            for url in _access(certificate, AuthorityInformationAccessOID.CA_ISSUERS, hosts)
        ),
        hosts=frozenset(host for certificate in trusted for host in _hosts(certificate, hosts)),
    )


def mapped(url: str, hosts: Mapping[str, str]) -> str | None:
    """Return the address to connect to, its host replaced, or None if it is none that we would connect to."""
    if len(url) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in SCHEMES or not parts.hostname or parts.username or parts.password:
        return None
    host = hosts.get(parts.hostname.lower(), parts.hostname.lower())
    shown = f"[{host}]" if ":" in host else host
    at = shown if port is None else f"{shown}:{port}"
    return urlunsplit((parts.scheme.lower(), at, parts.path or "/", parts.query, ""))


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Tell whether the names fit. Whether the signature does is checked of what was fetched."""
    return issuer.subject == certificate.issuer


def _crl_urls(certificate: x509.Certificate, hosts: Mapping[str, str]) -> Iterator[str]:
    for point in points(certificate):
        yield from _urls(point.full_name or (), hosts)


def _access(certificate: x509.Certificate, method: ObjectIdentifier, hosts: Mapping[str, str]) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    named = (each.access_location for each in access if each.access_method == method)
    return list(_urls(named, hosts))


def _urls(names: Iterable[x509.GeneralName], hosts: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        if isinstance(name, x509.UniformResourceIdentifier):
            url = mapped(name.value, hosts)
            if url is not None:
                yield url


def _hosts(certificate: x509.Certificate, hosts: Mapping[str, str]) -> Iterator[str]:
    methods = (AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS)
    named = [url for method in methods for url in _access(certificate, method, hosts)]
    for url in (*named, *_crl_urls(certificate, hosts)):
        host = urlsplit(url).hostname
        if host:
            yield host
