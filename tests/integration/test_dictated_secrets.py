"""A secret that a far side dictates: its systems prove themselves by it, and it opens nothing else."""

from __future__ import annotations

from pathlib import Path

from hub.commands import _endpoint_changes as changes
from hub.commands._endpoint_changes import Wanted
from hub.model import SignatureRule
from hub.testing import Box, hub_in_a_box

DICTATED = "abc"


async def added(box: Box, name: str, adapter: str, code: str, given: str | None) -> str:
    await box.add_agencies(code)
    wanted = Wanted(
        id=name,
        adapter=adapter,
        agencies=frozenset({code}),
        address=None,
        secret=given,
        signatures=SignatureRule.DEFAULT,
    )
    return (await changes.add(box.hub, wanted, "operator:test")).secret


async def test_it_is_no_bearer_token_and_two_may_have_the_same(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await added(box, "a", "soap", "H49.13", DICTATED)
        await added(box, "b", "soap", "H49.61", DICTATED)
        assert await box.hub.authenticate(DICTATED) is None
        for name in ("a", "b"):
            endpoint = await box.hub.endpoint(name)
            assert await box.hub.holds(endpoint, DICTATED)
            assert not await box.hub.holds(endpoint, "abd")
            assert not await box.hub.holds(endpoint, "")


async def test_one_of_our_own_is_a_bearer_token_until_another_is_dictated(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        ours = await added(box, "a", "soap", "H49.13", None)
        found = await box.hub.authenticate(ours)
        assert found is not None
        for _ in range(2):  # the same again is the old one made new
            assert await changes.rotate(box.hub, found, None, "operator:test", DICTATED) == DICTATED
        assert await box.hub.secrets_of(found) == [DICTATED]


async def test_the_api_takes_a_long_secret_that_was_given(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        given = "k" * 24
        await added(box, "a", "http", "H49.13", given)
        found = await box.hub.authenticate(given)
        assert found is not None
        assert found.id == "a"
