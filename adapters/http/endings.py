"""How a request ends that is answered before its body was read (RFC 9112, 9.6).

A server that answers and closes while the client still sends makes the client's system throw the answer away with a
reset. So a short body is read and dropped, and the connection lives on. With a long one the answer says
`Connection: close`, and what still comes is dropped for a moment, until the client has seen it. A client that waits for
`100 Continue` has sent nothing: for it the answer is enough.
"""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope, Send

SHORT_BYTES = 65_536
LINGER_SECONDS = 2.0

LAST = {"type": "http.response.body", "body": b"", "more_body": False}


class Ending:
    """The `receive` and `send` of one request, as the application may use them."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self.unread = True
        self.closing = False
        self.waits = any(name == b"expect" for name, _ in scope["headers"])

    @classmethod
    def of(cls, scope: Scope, receive: Receive, send: Send) -> Ending | _Plain:
        """Return the ending for a request: one without a body needs nothing special."""
        return cls(scope, receive, send) if _has_body(scope) else _Plain(receive, send)

    async def receive(self) -> Message:
        """Pass a part of the body on, and remember whether it was the last."""
        self.waits = False  # the server says `100 Continue` now
        message = await self._receive()
        self.unread = message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on; before it begins and after it ends, deal with an unread body."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self.closing and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            if not self.waits:
                await self._drop()
            await self._send(LAST)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        if self.unread and not self.waits and _is_short(self.scope):
            await self._drop()
        if self.unread:
            self.closing = True
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await self._send(message)

    async def _drop(self) -> None:
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while self.unread:
                    await self.receive()
        except TimeoutError:
            return  # it had its moment; the connection is closed


class _Plain:
    """The ending of a request without a body."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.receive = receive
        self.send = send


def _has_body(scope: Scope) -> bool:
    return any(
        (name == b"content-length" and value != b"0") or name == b"transfer-encoding"
        for name, value in scope["headers"]
    )


def _is_short(scope: Scope) -> bool:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return length.isdigit() and int(length) <= SHORT_BYTES
