"""Whose certificate is missing, when a certificate leads nowhere: for saying what to do about it.

Names only: whether a certificate was really issued by another is for `trust` to find out.
"""

from __future__ import annotations

from collections.abc import Iterable

from signing.certificates import Certificate

LONGEST = 8  # steps; real paths have two or three


def missing_issuer(leaf: Certificate, known: Iterable[Certificate]) -> str | None:
    """Return the name of the first issuer that is not among the known, or None if the path ends in a root."""
    by_name = {certificate.x509.subject: certificate for certificate in known}
    at = leaf
    for _ in range(LONGEST):
        if at.x509.issuer == at.x509.subject:
            return None
        above = by_name.get(at.x509.issuer)
        if above is None:
            return at.summary.issuer
        at = above
    return None
