"""The SOAP operations of the eDoc hub that many provinces run, for agencies' systems that speak them.

Address: none: the system calls us, at /soap on the hub's web server, with its agency's code as OrganId and the
endpoint's secret as Token. Handed over when the system says ConfirmReceived. Twice: GetDocument may be repeated as
often as one likes, ConfirmReceived too; to us the same SendDocument makes the same package, which is the same one.

The edXML in these calls is an older one than QCVN 102:2016. What enters the hub is the QCVN package that is made of a
call, and what was made is what is recorded, hashed and delivered; what the package could not hold is refused.

    adapter.py      SoapAdapter: a system that calls
    server.py       requests, replies, and everything that can go wrong between them
    operations.py   what each operation does
    callers.py      who calls
    requests.py     a call taken apart: envelope, action, files
    parts.py        SOAP with Attachments: multipart/related in and out
    replies.py      Reports, and the envelopes around them
    convert.py      the older edXML to QCVN 102:2016 and back
    numbers.py      our ids as the numbers that the protocol has

For people: docs/adapters/soap.md.
"""

from adapters.soap.adapter import SoapAdapter

__all__ = ["SoapAdapter"]
