"""What the unmodified SDK 2.0.1 was seen to sign, with the secrets that it was given for it.

Each is one captured call: its operation, the sign-header as it stood on the wire, and its proof.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

A, B = "hub.test.a", "hub.test.b"
SECRETS = {A: "c2VjcmV0LWZvci1zeXN0ZW0tQQ==", B: "c2VjcmV0LWZvci1zeXN0ZW0tQg=="}
PREFIX = "XroadVnpt-"
DIGEST = "bd40f9a636cbc9186a83795aa66153128ee587339e2a386b9d952c7e965a206d"
STATUS_DIGEST = "7517fd7bb6178c2d4e34227b8978e584c893c582f3d58f5ff66281a22f74187d"
DOC = "de11cbbd-0c2f-4544-93ae-12e4f89bc91a"
SENT = "b01e1fbfafaa4b3cb7f56e54"
EARLY, LATE = "21112026T210351+0123", "21112026T210351+0557"
JSON, OCTETS = "application/json", "application/octet-stream"
FROM, UNTIL = "01/01/2020 00:00:00", "29/12/2030 00:00:00"


@dataclass(frozen=True)
class Captured:
    """One signed call."""

    name: str
    operation: str
    system: str
    parameters: dict[str, str]  # in the order of the wire
    proof: str
    body: bytes = b""
    method: str = "POST"

    @property
    def sign_header(self) -> bytes:
        claims = {PREFIX + name: value for name, value in self.parameters.items()}
        return json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def waits(self) -> bool:
        """Tell whether HttpClient asks with `Expect: 100-continue`."""
        return self.method == "POST" and bool(self.body) and self.operation != "sendEdoc"

    def raw(self, prefix: str = "/vxp") -> bytes:
        """Return the request, byte for byte as it was captured, but for the address."""
        collapsed = self.operation in {
            "sendEdoc"
        }  # HttpURLConnection keeps one line of names that differ by case
        seen: set[str] = set()
        lines = [f"{self.method} {prefix}/{self.operation} HTTP/1.1"]
        for name, value in self.parameters.items():
            if collapsed and name.lower() in seen:
                continue
            seen.add(name.lower())
            if name == "Content-Type":
                lines.append(f"Content-Type: {value}")
            lines.append(f"{PREFIX}{name}: {value}")
        lines += [
            f"{PREFIX}sign-header-key: {';'.join(self.parameters)}",
            f"{PREFIX}sign-header: {self.sign_header.decode()}",
            f"{PREFIX}hash-header: {self.proof}",
            "User-Agent: JAVASDKAgent/1.0.0 XRoad/VPCP",
            f"{PREFIX}version: 3.0.201608",
        ]
        if self.method == "POST":
            lines.append(f"Content-Length: {len(self.body)}")
        lines += ["Host: 127.0.0.1:18082", "Connection: Keep-Alive"]
        if self.waits:
            lines.append("Expect: 100-continue")
        lines.append("Accept-Encoding: gzip,deflate")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _signed(system: str, at: str, content_type: str = JSON, **given: Any) -> dict[str, str]:
    return {"systemid": system, **given, "timestamp": at, "Content-Type": content_type}


_LEVEL = {"systemid": A, "level": "1", "timestamp": EARLY, "Content-Type": JSON}
_LEVEL_PROOF = "7527fa762ab4ea351a3c72b31fce44ba39c09bf1ec118ca241eba2f74f738e94"
_LISTED = {
    "fromDate": FROM,
    "systemid": B,
    "servicetype": "eDoc",
    "messagetype": "edoc",
    "toDate": UNTIL,
    "timestamp": LATE,
    "Content-Type": JSON,
}
_FETCHED = {
    "fromDate": FROM,
    "systemid": B,
    "servicetype": "eDoc",
    "messagetype": "edoc",
    "docId": DOC,
    "toDate": UNTIL,
    "filePath": "store/xml",
    "timestamp": LATE,
    "Content-Type": JSON,
}
_FINISHED = {
    "fromDate": FROM,
    "systemid": B,
    "servicetype": "eDoc",
    "messagetype": "edoc",
    "docId": DOC,
    "docid": DOC,
    "toDate": UNTIL,
    "filePath": "store/xml",
    "timestamp": LATE,
    "Content-Type": JSON,
    "status": "done",
}
_FINISHED_PROOF = "25856c9d72ab649f9322e4adf15aff49f9fa7e2260c31c755f026421250bf330"
_SENT = {
    "systemid": A,
    "servicetype": "eDoc",
    "messagetype": "edoc",
    "hash-file": DIGEST,
    "docId": SENT,
    "from": A,
    "to": '["hub.test.b"]',
    "timestamp": LATE,
    "Content-Type": JSON,
}
_SENT_PROOF = "c0bce61bf78d01356fea94827d6e5ac93f52fceebf3cffa6aadaef8b1db3e4f3"


def _status(path: str, content_type: str) -> dict[str, str]:
    return {
        "systemid": B,
        "messagetype": "status",
        "docId": DOC,
        "docid": DOC,
        "toDate": UNTIL,
        "filePath": path,
        "fromDate": FROM,
        "servicetype": "eDoc",
        "hash-file": STATUS_DIGEST,
        "from": B,
        "timestamp": LATE,
        "Content-Type": content_type,
        "status": "done",
    }


CHILD = (
    '{"id":"","pcode":"hub.test.a","code":"hub.test.a.child","name":"Hà Giang thử",'
    '"mail":"x@example.vn","mobile":"","fax":""}'
)

CAPTURED = (
    Captured(
        "agencies",
        "getAgenciesList",
        A,
        _signed(A, EARLY),
        "b4d91a64bdae03344557126deb49b8d61cd2567557d931f309fa547ad1aebdbd",
    ),
    Captured("agencies of level 1", "getAgenciesListQD20", A, _LEVEL, _LEVEL_PROOF),
    Captured("a unit is registered", "registerAgency", A, _LEVEL, _LEVEL_PROOF, CHILD.encode()),
    Captured("units", "getSynchronizeUnit", A, _LEVEL, _LEVEL_PROOF),
    Captured(
        "a unit is deleted",
        "deleteAgency",
        A,
        {
            "systemid": A,
            "level": "1",
            "AgencyCode": "hub.test.a.child",
            "timestamp": EARLY,
            "Content-Type": JSON,
        },
        "6dfb912af09b1a6c78187965b3bb5d2e4c0d596c54d276f578b12e3edc442c97",
        b"{}",
    ),
    Captured(
        "a document without to",
        "sendEdoc",
        A,
        {
            "systemid": A,
            "servicetype": "eDoc",
            "messagetype": "edoc",
            "hash-file": DIGEST,
            "from": A,
            "timestamp": LATE,
            "Content-Type": OCTETS,
        },
        "8d66fc7dc425e1ea8232cab9546f768247cd59db608854d03b104fd9f1f2d210",
        b"<another/>\r\n",
    ),
    Captured(
        "a document with to",
        "sendEdoc",
        A,
        {
            "systemid": A,
            "servicetype": "eDoc",
            "messagetype": "edoc",
            "hash-file": DIGEST,
            "from": A,
            "to": '["hub.test.b"]',
            "timestamp": LATE,
            "Content-Type": OCTETS,
        },
        "7ee895f4d4e3b3789bb2dbabda51503c5eb906b052a8a2c3ff3d7d48222cc6f9",
        b"<another/>\r\n",
    ),
    Captured(
        "what waits",
        "getReceivedEdocList",
        B,
        _LISTED,
        "20fe815d63296c578c588156840c15f3b5a43525ad05082597db7441ff1559ab",
    ),
    Captured(
        "a package is fetched",
        "getEdoc",
        B,
        _FETCHED,
        "64a4ac1656b45c814733f5e5b4c47f00455369e4e8b371fd0bc2005cdeed5080",
        b"{}",
    ),
    Captured("a package is finished", "updateStatus", B, _FINISHED, _FINISHED_PROOF, b"{}"),
    Captured("what was sent", "getSentEdocList", A, _SENT, _SENT_PROOF),
    Captured("what waits, with a stale status", "getReceivedEdocList", B, _FINISHED, _FINISHED_PROOF),
    Captured(
        "a status",
        "sendEdoc",
        B,
        _status("store/xml", OCTETS),
        "9f10f9928668d45d049380f6ccfff93d1489e6b724f8bc1eb54b01cabede9be7",
        b"<another/>\r\n",
    ),
    Captured("how many wait", "countReceiveEdoc", A, _SENT, _SENT_PROOF, b"{}"),
    Captured(
        "a package as a body",
        "downloadEdoc",
        B,
        _status("store/dl", JSON),
        "06841743154905d5001d59ce72ed8e68ba3abacb1ce5efb236fa2ed07b4a5edb",
        method="GET",
    ),
)
