"""The soap adapter itself: a system that calls us, and never is called."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.soap.server import mounted
from hub.adapter import Adapter, Mount
from hub.app import Hub
from hub.errors import Misconfigured
from hub.model import Parcel, Receipt
from schemas.findings import shortened
from schemas.text import Sentence

NO_ADDRESS = Sentence(
    vi="Điểm kết nối soap không có địa chỉ: hệ thống tự gọi đến /soap; nhưng gặp “{address}”",
    en="A soap endpoint has no address: its system calls us at /soap; got “{address}”",
)
NOT_CALLED = Sentence(
    vi="Điểm kết nối {endpoint} không có địa chỉ để gửi đến: hệ thống này tự gọi đến",
    en="Endpoint {endpoint} has no address to deliver to: its system calls us",
)


class SoapAdapter(Adapter):
    """An agency's system that speaks the eDoc hub's SOAP."""

    name = "soap"

    @classmethod
    def polls(cls, address: str | None) -> bool:  # noqa: ARG003
        """Tell that the system comes for its documents itself."""
        return True

    @classmethod
    def settle(cls, address: str | None) -> str | None:
        """Return no address. Raises `Misconfigured` for one."""
        if address is not None and address.strip():
            raise Misconfigured(NO_ADDRESS.say(address=shortened(address)))
        return None

    @classmethod
    def mount(cls, hub: Hub) -> Sequence[Mount]:
        """Put the operations on the hub's web server."""
        return (mounted(hub),)

    async def deliver(self, parcel: Parcel) -> Receipt:  # noqa: ARG002
        """Nobody is called here: what is for such an endpoint waits in its inbox."""
        raise Misconfigured(NOT_CALLED.say(endpoint=self.endpoint.id))
