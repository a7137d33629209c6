"""The ground of the incidents: agencies, a commune's system that is down, a department whose certificates end.

What an operator sees of it is another matter: from the shell (`test_incident`), from the console
(`test_incident_console`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from hub.model import utc_now
from signing.ca import CertificateAuthority
from signing.keys import SigningKey

SENDER, PUSHED, POLLS, UNCONNECTED, SPLIT = "Z99.13", "Z99.63", "Z99.61", "Z99.62", "Z99.40"
AGENCIES = f"""\
code,name,level,parent,valid_to,successors
Z99,UBND tỉnh Thử Nghiệm,province,,,
{SENDER},Sở Nội vụ Thử Nghiệm,province,Z99,,
{POLLS},UBND xã Bình Thử,commune,Z99,,
{UNCONNECTED},UBND xã An Thử,commune,Z99,,
{PUSHED},UBND xã Hải Sơn,commune,Z99,,
{SPLIT},UBND huyện Thử Cũ,district,Z99,2025-07-01,{POLLS} {UNCONNECTED}
"""


class FarSide:
    """The system of a commune that is pushed to. It is down until it is let up."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        taken = self.taken

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                taken.append(self.headers["Edochub-Delivery"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._server.server_bind()  # the port is ours, and nobody listens on it

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/nhan"

    @contextmanager
    def up(self) -> Iterator[None]:
        self._server.server_activate()
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()

    def close(self) -> None:
        self._server.server_close()


@contextmanager
def far_side() -> Iterator[FarSide]:
    """Have the system of a commune, which is down, for the length of a block."""
    made = FarSide()
    try:
        yield made
    finally:
        made.close()


def root_authority() -> CertificateAuthority:
    """Make an authority that is old enough to have issued what has expired since."""
    return CertificateAuthority.create("Test Root", utc_now() - timedelta(days=1_000))


def renewed(authority: CertificateAuthority, *, expired: bool) -> SigningKey:
    """Issue the department a key whose certificate holds, or one that ended last year."""
    began = utc_now() - timedelta(days=730 if expired else 1)
    return authority.issue("Sở Nội vụ Thử Nghiệm", began, organisation="Sở Nội vụ Thử Nghiệm", days=365)
