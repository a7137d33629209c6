"""The soap adapter as the hub sees it: a system that calls, so that the suite for those who are called does not fit."""

from __future__ import annotations

import pytest

from adapters.soap import SoapAdapter
from hub.adapter import adapter_class
from hub.errors import Misconfigured
from hub.rig import endpoint, parcel, surroundings


def test_it_goes_by_its_name() -> None:
    assert adapter_class("soap") is SoapAdapter


def test_an_endpoint_has_no_address_and_comes_for_its_documents() -> None:
    assert SoapAdapter.polls(None)
    for none in (None, "", "  "):
        assert SoapAdapter.settle(none) is None
    for address in ("https://host/soap", "?x=y"):
        with pytest.raises(Misconfigured) as caught:
            SoapAdapter.settle(address)
        assert address in caught.value.message.en


async def test_nothing_is_delivered_to_it() -> None:
    adapter = SoapAdapter(endpoint("soap", None), surroundings())
    assert not adapter.listens
    await adapter.check()
    with pytest.raises(Misconfigured):
        await adapter.deliver(parcel(b"<a/>"))
