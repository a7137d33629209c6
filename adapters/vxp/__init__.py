"""The wire protocol of the national document axis ("VXP"), on both sides: as the axis, and as a system below one.

Address: none, or `?systemid=ID`: the far side is a system that calls us with the vendor's SDK, under its endpoint's
name or under ID. `https://axis/path?systemid=ID`: the far side is an axis, which knows us as ID. Handed over: when the
axis answers with its own id for the package; or when the system says `done`. Twice: before a package whose answer may
have been lost is sent again, the axis's list of what we sent is looked at; to us, the same package is the same one.

    adapter.py      VxpAdapter: address, check, deliver, listen
    address.py      which side an endpoint is, where its axis is, what we are called there
    signature.py    the signed headers, made and checked
    hashes.py       `hash-file`, and the package inside a body
    identity.py     our ids as the protocol's
    codes.py        error codes, both ways
    words.py        times, ASCII, and what stands in a reply that is not ours

  the axis's side, mounted at /vxp:
    server.py       requests, replies, and everything that can go wrong between them
    clients.py      who calls
    replies.py      the JSON that the SDK survives
    calls.py        one call, as an operation sees it
    documents.py sending.py agencies.py registering.py    what each operation does
    operations.py   all of them

  the system's side:
    axis.py         the calls, with replies that are bounded and believed only in their right shape
    upward.py       delivering: once, although answers get lost
    tried.py        what is remembered of sending each message
    downward.py     fetching: marked done after it is recorded, never before
    sent.py         the axis's list of what we sent
    book.py         its lists, for comparing our book with its own
    synchronise.py  its agencies, for our directory

For people: docs/adapters/vxp.md. Why we read the protocol so: docs/adr/0017-vxp.md.
"""

from adapters.vxp.adapter import VxpAdapter

__all__ = ["VxpAdapter"]
