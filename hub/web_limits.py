"""What one connection may cost before there is a request, and after its answer.

uvicorn bounds neither the size of a request's head nor the time that it may take, and waits for ever for a client that
does not read. Here a head has a size and a deadline, and a connection that is to be closed is cut off when its last
bytes are not taken. What is said no to is answered in the shape of the API.

There are so many connections at once and no more (`server.connections`). Above that, the one that has waited longest
without a request under way makes room, so that idle and slow ones keep nobody out; when there is none, the new one is
told 503.

An upgrade is not offered, and who asks for one is answered as if it had not asked (RFC 9110, 7.8): Java's client asks
for h2c with every first request over http.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.events import TimerHandle

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from hub.errors import HubError
from schemas.text import Text

HEAD_BYTES = 131_072  # request line and headers together; vxp names a thousand addressees twice in 35 KB
HEAD_FIELDS = 100
HEAD_SECONDS = 15.0  # from the connection, or from the first byte of a further request
FLUSH_SECONDS = 60.0  # for the last bytes of an answer to be taken
FULL_SECONDS = 5  # said with 503 when there is no connection to spare

TOO_LARGE = Text(
    vi=f"Phần đầu của yêu cầu vượt quá {HEAD_BYTES:,} byte hoặc {HEAD_FIELDS} tiêu đề",
    en=f"The head of the request is over {HEAD_BYTES:,} bytes or {HEAD_FIELDS} headers",
)
TOO_SLOW = Text(
    vi=f"Phần đầu của yêu cầu không đến đủ trong {HEAD_SECONDS:g} giây",
    en=f"The head of the request did not arrive whole within {HEAD_SECONDS:g} seconds",
)
FULL = Text(
    vi="Trục đang phục vụ quá nhiều kết nối; hãy thử lại sau ít giây",
    en="The hub serves too many connections at the moment; try again in a few seconds",
)
NOT_HTTP = Text(vi="Yêu cầu không đúng giao thức HTTP/1.1", en="This is not a valid HTTP/1.1 request")


class HeadTooLarge(Exception):
    """Raised inside the parser, to stop it: httptools makes a `HttpParserError` of it, which uvicorn catches."""


class LimitedConnection(HttpToolsProtocol):
    """uvicorn's connection with a bounded head, one of a bounded number."""

    most = 0  # connections at once; 0: any number
    waits_since = 0.0  # loop time since when it has had no request under way
    asks_upgrade = False  # of the request whose head is being read
    in_head = True
    raw_bytes = 0  # of a head that is not whole yet
    told_bytes = 0  # of the fields that the parser has told
    fields = 0
    over = False
    head_timer: TimerHandle | None = None

    # --- from the transport ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock for the first request, if there is room for one more."""
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        self._start_clock()
        if 0 < self.most < len(self.connections):
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, unless a head has grown beyond its limit."""
        if self.transport.is_closing():
            return
        was_in_head = self.in_head
        self._feed(data)
        # The parser tells a field when it is whole: one without an end is seen here alone.
        self.raw_bytes = self.raw_bytes + len(data) if was_in_head and self.in_head else 0
        if self.raw_bytes > HEAD_BYTES:
            self._refuse(431, "head.too-large", TOO_LARGE)
        elif self.head_timer is None and (self.in_head or self._idle):
            self._start_clock()  # uvicorn stops its own clock at the first byte

    # --- from the parser ------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A further request begins."""
        super().on_message_begin()
        self.in_head, self.fields, self.told_bytes = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """Count the address, which comes in parts."""
        super().on_url(url)
        self._check(len(self.url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a field; those of a chunked body's trailer too."""
        self.fields += 1
        self.told_bytes += len(name) + len(value)
        self._check(self.told_bytes)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self.in_head = False
        self._stop_clock()
        self.asks_upgrade = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if not self.asks_upgrade:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole, unless the parser stopped at an upgrade and has not looked for a body."""
        if not self.asks_upgrade:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """From here it waits for the next request."""
        self.waits_since = self.loop.time()
        super().on_response_complete()

    # --- from uvicorn ---------------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Say what is wrong in the shape of the API."""
        if self.over:
            self._refuse(431, "head.too-large", TOO_LARGE)
        else:
            self._refuse(400, "request.invalid", NOT_HTTP)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; cut it off if the client does not take what is left."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(FLUSH_SECONDS, self.transport.abort)

    # --- our own --------------------------------------------------------------------------------------------------

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _feed(self, data: bytes) -> None:
        """Feed the parser. It stops at a request that asks for an upgrade: that one is read again without."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.send_400_response(str(error))
        except httptools.HttpParserUpgrade as stopped:
            if not self.asks_upgrade:  # CONNECT
                self.send_400_response("")
                return
            head = self._head_without_upgrade()
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
            self._feed(head + data[stopped.args[0] :])

    def _head_without_upgrade(self) -> bytes:
        lines = [
            b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        ]
        lines += [b"%s: %s" % field for field in self.headers if field[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def _make_room(self) -> None:
        """End the connection that has waited longest; when none only waits, this one."""
        waiting = [
            each
            for each in self.connections
            if isinstance(each, LimitedConnection) and each is not self and each.may_go
        ]
        if waiting:
            min(waiting, key=lambda each: each.waits_since).transport.abort()
        else:
            self._refuse(503, "unavailable", FULL)

    @property
    def may_go(self) -> bool:
        """Tell whether it has no request under way, and is not closing already."""
        return self._idle and not self.transport.is_closing()

    def _check(self, size: int) -> None:
        if size > HEAD_BYTES or self.fields > HEAD_FIELDS:
            self.over = True
            raise HeadTooLarge

    def _start_clock(self) -> None:
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _stop_clock(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _too_slow(self) -> None:
        self.head_timer = None
        if self.in_head:
            self._refuse(408, "head.too-slow", TOO_SLOW)
        else:  # the rest of a body that nobody waits for
            self.transport.close()

    def _refuse(self, status: int, code: str, message: Text) -> None:
        """Answer if no other answer has begun, and close."""
        if self.transport.is_closing():
            return
        if self._idle or not self.cycle.response_started:
            error = HubError(message)
            error.code = code
            self.transport.write(_answer(status, self._shaped(error)))
        self.transport.close()
        self.loop.call_later(FLUSH_SECONDS, self.transport.abort)

    def _shaped(self, error: HubError) -> bytes:
        """Return what is said, in the shape of whoever answers at that path: see `hub.adapter.Mount`."""
        path = getattr(self, "url", b"").decode("latin-1").partition("?")[0]
        state = getattr(self.app, "state", None)
        for prefix, shape in getattr(state, "unreadable", {}).items():
            if path.startswith(prefix):
                shaped: bytes = shape(path, error)
                return shaped
        return json.dumps({"error": error.as_json(), "findings": []}, ensure_ascii=False).encode()


def limited_to(most: int) -> type[LimitedConnection]:
    """Return the kind of connection of which there are so many at once."""
    return type("LimitedConnection", (LimitedConnection,), {"most": most})


def _answer(status: int, body: bytes) -> bytes:
    head = (
        b"content-type: application/json\r\nx-content-type-options: nosniff\r\nconnection: close\r\n"
        b"content-length: " + str(len(body)).encode() + b"\r\n\r\n"
    )
    retry = b"retry-after: %d\r\n" % FULL_SECONDS if status == 503 else b""
    return STATUS_LINE[status] + retry + head + body
