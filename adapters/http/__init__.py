"""REST in, REST or a push out: the way in that every agency's own software can use.

    push.py       HttpAdapter: brings a parcel to an https:// address, or lets the endpoint poll
    address.py    which addresses are allowed, and why
    replies.py    what the far side's answer to a push means
    signature.py  how a push proves that it comes from this hub
    digest.py     Content-Digest

    api.py        the API's operations and what is common to all: who asks, errors, a request's end
    documents.py inbox.py agencies.py    what each operation does
    bodies.py     packages in and out without unbounded memory
    questions.py  query parameters, headers and small JSON bodies, read strictly
    answers.py    the one shape of every error
    language.py   Accept-Language
    openapi.py openapi_schemas.py        the published contract, which a test holds to the truth

The tour for integrators is docs/adapters/http.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.http.push import HttpAdapter

__all__ = ["HttpAdapter"]


def __getattr__(name: str) -> Any:
    """Load the adapter when it is asked for: who needs a small part only (`adapters.client`) goes without the hub."""
    if name == "HttpAdapter":
        from adapters.http.push import HttpAdapter

        return HttpAdapter
    raise AttributeError(name)
