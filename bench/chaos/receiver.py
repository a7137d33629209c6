"""The far side that is pushed to: it writes down what it takes before it answers, and knows a repeat by its id.

Some answers are lost on the way back, some pushes are sent away for the moment, and a few documents are refused for
good, each by the digest of the document, so that the answer is the same every time. It may be killed itself.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import random
import sys
from pathlib import Path

from bench.chaos.journals import RECEIVER, Journal, Tail

LOST, NOT_NOW = 0.05, 0.03
REASON = {"vi": "Văn bản không thuộc thẩm quyền", "en": "Not within our competence"}


def refuses(sha256: str) -> bool:
    """Tell whether a far side refuses a document: about one in a hundred."""
    return int(sha256[:4], 16) % 97 == 0


class Receiver:
    """Takes documents for all agencies that are pushed to; the path names the agency."""

    def __init__(self, folder: Path) -> None:
        self._known = {line["delivery"] for line in Tail(folder / RECEIVER).new() if line["what"] == "took"}
        self._journal = Journal(folder / RECEIVER)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {
                    name.lower(): value.strip() for name, _, value in (li.partition(":") for li in lines)
                }
                content = await reader.readexactly(int(headers.get("content-length", "0")))
                status, body = self.take(first.split()[1].strip("/"), headers, content)
                if random.random() < LOST:
                    break
                text = json.dumps(body, ensure_ascii=False).encode()
                writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
                await writer.drain()
        writer.close()

    def take(self, agency: str, headers: dict[str, str], content: bytes) -> tuple[int, object]:
        """Take, refuse or put off one push; return the answer."""
        delivery, digest = headers["edochub-delivery"], hashlib.sha256(content)
        told = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        if headers["content-digest"] != told or headers["edochub-to"] != agency:
            self._journal.note("damaged", to=agency, delivery=delivery, sha256=digest.hexdigest())
            return 422, {}
        if delivery in self._known:
            self._journal.note("again", to=agency, delivery=delivery, sha256=digest.hexdigest())
            return random.choice((200, 409)), {}
        if random.random() < NOT_NOW:
            return 503, {}
        if refuses(digest.hexdigest()):
            self._journal.note("declined", to=agency, delivery=delivery, sha256=digest.hexdigest())
            return 422, {"error": {"message": REASON}}
        self._known.add(delivery)
        self._journal.note(
            "took", to=agency, delivery=delivery, sha256=digest.hexdigest(), kind=headers["edochub-kind"]
        )
        return 200, {}


async def main(folder: Path, port: int) -> None:
    """Serve until killed."""
    receiver = Receiver(folder)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", port, limit=1 << 20, backlog=256)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
