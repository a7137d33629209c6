"""The web server of the system that is pushed to."""

import hashlib
import hmac
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from hub.demo.receiver import HOST, Push, Receiver

SECRET = "bí mật chung"


class Site:
    """A receiver and what it has taken."""

    def __init__(self) -> None:
        self.taken: list[Push] = []
        self.receiver = Receiver(self.taken.append)
        self.receiver.secret = SECRET


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.receiver.close()


def headers(
    content: bytes, *, delivery: str = "D1", secret: str = SECRET, at: float | None = None
) -> dict[str, str]:
    moment = int(at if at is not None else time.time())
    mac = hmac.new(secret.encode(), f"{moment}.{delivery}.".encode() + content, hashlib.sha256).hexdigest()
    return {
        "Edochub-Delivery": delivery,
        "Edochub-Message": "M1",
        "Edochub-To": "H49.DEMO.32",
        "Edochub-Signature": f"t={moment},v1={mac}",
    }


def post(address: str, content: bytes, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(address, data=content, headers=sent, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_before_it_comes_up_its_port_refuses_connections(site: Site) -> None:
    port = int(site.receiver.address.rpartition(":")[2].partition("/")[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=60)


def test_a_push_with_the_hubs_signature_is_taken_once(site: Site) -> None:
    site.receiver.come_up()
    first = post(site.receiver.address, b"<a/>", headers(b"<a/>"))
    again = post(site.receiver.address, b"<a/>", headers(b"<a/>"))
    assert first == again == (200, {"id": "CT-0001"})
    assert site.taken == [Push("D1", "M1", "H49.DEMO.32", b"<a/>")]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        headers(b"<b/>"),
        headers(b"<a/>", secret="của người khác"),
        headers(b"<a/>", at=time.time() - 3600),
        headers(b"<a/>") | {"Edochub-Delivery": "D2"},
    ],
    ids=["no proof", "other bytes", "another secret", "an hour ago", "another delivery"],
)
def test_what_the_hub_did_not_push_is_not_taken(site: Site, sent: dict[str, str]) -> None:
    site.receiver.come_up()
    assert post(site.receiver.address, b"<a/>", sent)[0] == 401
    assert site.taken == []


def test_after_it_is_closed_its_port_is_free(site: Site) -> None:
    port = int(site.receiver.address.rpartition(":")[2].partition("/")[0])
    site.receiver.come_up()
    site.receiver.close()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HOST, port))
