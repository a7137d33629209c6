"""An agency's system that speaks the eDoc hub's SOAP: calls as its clients write them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from xml.sax.saxutils import escape

import httpx
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
EDOC = "http://www.e-doc.vn/Schema/"


def envelope(header: str, body: str, soap: str = SOAP) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="{soap}" xmlns:edXML="{EDOC}" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink"><soapenv:Header>{header}</soapenv:Header>'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    ).encode()


def key(organ: str, token: str) -> str:
    inside = f"<edXML:OrganId>{organ}</edXML:OrganId><edXML:Token>{token}</edXML:Token>"
    return f"<edXML:Signature><edXML:KeyInfo>{inside}</edXML:KeyInfo></edXML:Signature>"


def organ(tag: str, code: str) -> str:
    return (
        f"<edXML:{tag}><edXML:OrganId>{code}</edXML:OrganId><edXML:OrganizationInCharge>UBND tỉnh"
        f"</edXML:OrganizationInCharge><edXML:OrganName>Cơ quan {code}</edXML:OrganName></edXML:{tag}>"
    )


def message_header(
    sender: str, to: Sequence[str], number: str = "12", more: str = "", subject: str = "V/v thử"
) -> str:
    return (
        "<edXML:MessageHeader>"
        + organ("From", sender)
        + "".join(organ("To", each) for each in to)
        + f"<edXML:DocumentId>{sender},2026/11/18,{number}/CV-SO</edXML:DocumentId>"
        f"<edXML:Code><edXML:CodeNumber>{number}</edXML:CodeNumber>"
        "<edXML:CodeNotation>CV-SO</edXML:CodeNotation></edXML:Code>"
        "<edXML:PromulgationInfo><edXML:Place>Hà Nội</edXML:Place>"
        "<edXML:PromulgationDate>2026/11/18</edXML:PromulgationDate></edXML:PromulgationInfo>"
        "<edXML:DocumentType><edXML:Type>2</edXML:Type><edXML:TypeName>Công văn</edXML:TypeName></edXML:DocumentType>"
        f"<edXML:Subject>{escape(subject)}</edXML:Subject><edXML:Content>Nội dung</edXML:Content>"
        "<edXML:OtherInfo><edXML:Priority>1</edXML:Priority></edXML:OtherInfo>"
        f"{more}</edXML:MessageHeader>"
    )


TRACE = (
    "<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>H49.13</edXML:OrganId>"
    "<edXML:Timestamp>2026/11/18 09:00:00</edXML:Timestamp></edXML:TraceHeader>"
    "<edXML:Business><edXML:BusinessDocType>0</edXML:BusinessDocType><edXML:Paper>0</edXML:Paper>"
    "</edXML:Business></edXML:TraceHeaderList>"
)


def manifest(files: Mapping[str, str]) -> str:
    inside = "".join(
        f'<edXML:Reference xlink:href="cid:{cid}"><edXML:AttachmentName>{escape(name)}</edXML:AttachmentName>'
        "<edXML:Description>Tệp</edXML:Description></edXML:Reference>"
        for cid, name in files.items()
    )
    return f"<edXML:Manifest>{inside}</edXML:Manifest>"


def related(root: bytes, files: Mapping[str, bytes], boundary: str = "MIMEBoundary_1") -> tuple[bytes, str]:
    pieces = [
        f"--{boundary}\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        "Content-ID: <0.root>\r\n\r\n".encode()
        + root
        + b"\r\n"
    ]
    pieces += [
        f"--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{cid}>\r\n\r\n".encode()
        + content
        + b"\r\n"
        for cid, content in files.items()
    ]
    kind = f'multipart/related; boundary="{boundary}"; type="text/xml"; start="<0.root>"'
    return b"".join(pieces) + f"--{boundary}--\r\n".encode(), kind


@dataclass
class Reply:
    """What came back."""

    root: etree._Element
    files: dict[str, bytes]

    def texts(self, name: str) -> list[str]:
        return [each.text or "" for each in self.root.iter(f"{{{EDOC}}}{name}")]

    @property
    def body(self) -> etree._Element:
        found = self.root[1][0]
        assert isinstance(found, etree._Element)
        return found

    @property
    def ok(self) -> bool:
        return self.texts("IsSuccess") == ["true"]

    @property
    def codes(self) -> list[str]:
        return self.texts("Code")


@dataclass
class System:
    """One agency's system."""

    http: httpx.AsyncClient
    code: str
    token: str

    async def call(self, action: str, body: bytes, kind: str = "text/xml; charset=UTF-8") -> Reply:
        answer = await self.http.post(
            "/soap/eDoc", content=body, headers={"SOAPAction": action, "Content-Type": kind}
        )
        assert answer.status_code == 200
        content_type = answer.headers["content-type"]
        if not content_type.startswith("multipart"):
            return Reply(etree.fromstring(answer.content), {})
        mail = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + answer.content)
        root, *files = (part for part in mail.walk() if not part.is_multipart())
        held = {
            str(part["Content-ID"]).strip("<>"): base64.b64decode(str(part.get_payload()), validate=False)
            for part in files
        }
        return Reply(etree.fromstring(bytes(root.get_payload(decode=True) or b"")), held)

    async def ask(self, action: str, *, wrapper: str = "", more: str = "") -> Reply:
        name = wrapper or action
        inside = f"<OrganId>{self.code}</OrganId><Token>{self.token}</Token>{more}"
        return await self.call(action, envelope("", f"<{name}>{inside}</{name}>"))

    async def send(
        self,
        to: Sequence[str],
        files: Mapping[str, tuple[str, bytes]],
        *,
        header: str = "",
        trace: str = TRACE,
        **words: str,
    ) -> Reply:
        header = header or message_header(self.code, to, **words)
        root = envelope(
            header + trace + key(self.code, self.token),
            manifest({cid: name for cid, (name, _) in files.items()}),
        )
        body, kind = related(root, {cid: content for cid, (_, content) in files.items()})
        return await self.call("SendDocument", body, kind)

    async def pending(self) -> list[str]:
        return (await self.ask("GetPendingDocumentIds", wrapper="GetPendingDocumentIdsRequest")).texts(
            "DocumentId"
        )

    async def get(self, number: str, tag: str = "DocumentId") -> Reply:
        return await self.ask("GetDocument", wrapper="GetDocumentRequest", more=f"<{tag}>{number}</{tag}>")

    async def confirm(self, number: str) -> Reply:
        return await self.ask("ConfirmReceived", more=f"<DocumentId>{number}</DocumentId>")

    async def traces(self, since: str = "") -> Reply:
        return await self.ask("GetTraces", more=f"<TimeStamp>{since}</TimeStamp>" if since else "")

    async def update(self, to: str, document_id: str, status: str, *, tag: str = "Timestamp") -> Reply:
        body = (
            f"<Status><ResponseFor><OrganId>{to}</OrganId><Code>12/CV-SO</Code>"
            f"<PromulgationDate>2026/11/18</PromulgationDate><DocumentId>{document_id}</DocumentId></ResponseFor>"
            f"<From><OrganId>{self.code}</OrganId><OrganName>Cơ quan</OrganName></From>"
            f"<StatusCode>{status}</StatusCode><Description>Đã tiếp nhận</Description>"
            f"<{tag}>2026/11/19 10:00:00</{tag}></Status>"
        )
        return await self.call("UpdateTraces", envelope(key(self.code, self.token), body))
