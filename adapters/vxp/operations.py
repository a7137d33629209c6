"""All operations of the protocol, by the last part of their path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from adapters.vxp import documents, registering, sending, way
from adapters.vxp.agencies import Lists
from adapters.vxp.calls import Call, Reply
from hub.app import Hub

Run = Callable[[Call], Awaitable[Reply]]

SEND, DOWNLOAD = "sendEdoc", "downloadEdoc"
# The SDK makes a connection for each of these calls and never closes it: we do.
LEAKING = frozenset(
    {
        "getAgenciesList",
        "getAgenciesListQD20",
        "getSynchronizeUnit",
        "getReceivedEdocList",
        "getSentEdocList",
    }
)


@dataclass(frozen=True, slots=True)
class Operations:
    """What each name does."""

    run: Mapping[str, Run]

    @classmethod
    def of(cls, hub: Hub) -> Operations:
        """Return the operations of a hub."""
        lists = Lists(hub)
        return cls(
            {
                "getAgenciesList": lists.all,
                "getAgenciesListQD20": lists.by_decision_20,
                "getSynchronizeUnit": lists.to_synchronise,
                "registerAgency": registering.register,
                "deleteAgency": registering.delete,
                "getReceivedEdocList": documents.received,
                "getSentEdocList": documents.sent,
                "getEdoc": documents.fetch,
                "updateStatus": documents.update_status,
                SEND: sending.send,
                "countReceiveEdoc": documents.count_documents,
                "countReceiveStatus": documents.count_statuses,
                DOWNLOAD: documents.download,
                way.TRACE: way.trace,
                way.TAKEN: way.taken,
            }
        )
