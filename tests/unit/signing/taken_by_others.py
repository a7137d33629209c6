"""The attacks whose arithmetic satisfies another verifier, and why our profile refuses them all the same.

Exact: `test_referees` fails when one more is accepted, or one less. By the reason that we give, then by who accepts.
"""

from __future__ import annotations

WHY = {
    "signature.wrapped": "the arithmetic holds, but a reader looks elsewhere than the verifier",
    "signature.duplicate-id": "which of the two is meant is each software's own guess",
    "signature.malformed": "what is not signed may not stand in the block",
    "signature.not-in-content": "one value, two spellings: what the octets say is searched for literally",
    "signature.transform-forbidden": "one pair of transforms; signxml passes over those that it does not know",
    "signature.algorithm-forbidden": "SHA-1 and MD5 can be forged; libxmlsec1 still takes them",
    "signature.key-weak": "RSA of 1024 bits",
    "signature.no-certificate": "one X509Data with one to four certificates",
    "certificate.untrusted": "the referees are told the key here, and asked about arithmetic only",
    "certificate.expired": "the same",
    "certificate.is-authority": "the same",
    "certificate.wrong-usage": "the same",
    "signature.value-malformed": "the referee's base64 reads past what is no base64",
    "signature.canonicalisation-forbidden": "packages have no comments, so it is the same; one name is enough",
    "signature.reference-forbidden": "one reference to one thing",
    "signature.transform-misnamed": "signxml passes over the transform; libxmlsec1 refuses it",
    "certificate.not-yet-valid": "the same",
}

TAKEN: dict[str, dict[str, set[str]]] = {
    "signature.wrapped": {
        "signxml+xmlsec": {
            "second-envelope-first",
            "second-envelope-without-header",
            "second-header",
            "signature-first-in-header",
            "signature-moved-to-body",
            "signature-moved-to-root",
        },
        "signxml": {
            "xsw1-original-beside-and-signature-in-it",
            "xsw2-signature-detached-beside-the-original",
            "xsw3-original-after-the-evil-one-that-is-signed",
            "xsw5-original-at-the-end-of-the-package",
        },
    },
    "signature.duplicate-id": {
        "signxml+xmlsec": {
            "duplicate-ids",
            "duplicate-ids-by-case",
            "duplicate-ids-by-namespace",
            "duplicate-xml-ids",
            "id-of-the-signature-taken-twice",
        },
    },
    "signature.malformed": {
        "signxml+xmlsec": {
            "foreign-attribute",
            "mixed-content",
            "object-added",
            "text-in-method",
        },
        "xmlsec": {
            "element-in-the-value",
        },
        "signxml": {
            "xsw6-original-within-the-signature",
            "xsw8-original-in-an-object",
        },
    },
    "signature.not-in-content": {
        "signxml+xmlsec": {
            "cdata-in-the-value",
            "value-with-character-references",
        },
    },
    "signature.transform-forbidden": {
        "signxml": {
            "transform-unknown",
            "transforms-in-another-order",
            "xpath-inside-a-permitted-transform",
            "xslt",
        },
        "signxml+xmlsec": {
            "enveloped-alone",
            "enveloped-twice",
            "inclusive-transform",
            "transform-with-comments",
            "xpath",
        },
    },
    "signature.algorithm-forbidden": {
        "xmlsec": {
            "md5-digest",
            "rsa-sha1",
            "sha1-digest",
        },
    },
    "signature.key-weak": {
        "signxml+xmlsec": {
            "weak-rsa",
        },
    },
    "signature.no-certificate": {
        "xmlsec": {
            "key-value-beside",
        },
        "signxml+xmlsec": {
            "certificate-flood",
            "chain-of-five",
            "two-x509-data",
        },
    },
    "certificate.untrusted": {
        "signxml+xmlsec": {
            "authority-without-key-usage",
            "certificate-bit-flipped",
            "issued-below-path-length",
            "issued-by-a-signer",
            "self-signed",
            "self-signed-in-the-name-of-the-root",
            "sha1-certificate",
            "trusted-certificate-behind",
            "unknown-critical-extension",
        },
        "xmlsec": {
            "wrong-issuer-signature",
        },
    },
    "certificate.expired": {
        "xmlsec": {
            "expired",
        },
    },
    "certificate.is-authority": {
        "signxml+xmlsec": {
            "authority-as-signer",
        },
    },
    "certificate.wrong-usage": {
        "signxml+xmlsec": {
            "encryption-certificate",
            "web-server-certificate",
        },
    },
    "signature.value-malformed": {
        "signxml": {
            "base64-padding-in-the-middle",
        },
    },
    "signature.canonicalisation-forbidden": {
        "signxml+xmlsec": {
            "exclusive-with-comments",
        },
    },
    "signature.reference-forbidden": {
        "xmlsec": {
            "reference-to-the-root-twice",
        },
        "signxml": {
            "xsw4-original-within-the-evil-one",
            "xsw7-original-in-an-extension",
        },
    },
    "signature.transform-misnamed": {
        "signxml": {
            "transform-that-does-not-exist",
        },
    },
    "certificate.not-yet-valid": {
        "signxml+xmlsec": {
            "not-yet-valid",
        },
    },
}
