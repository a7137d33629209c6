"""The hub goes on with what the trust folder says now, and fetches beside its work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from hub.config import Config, parse
from hub.errors import Misconfigured
from hub.trusting import Trusting, refresh_trust
from signing import certificates, trust_folder
from signing.trust import Chain, TrustStore
from signing.verdict import Outcome
from tests.unit.signing.packages import NOW
from tests.unit.signing.responders import Web, at_once, serving
from tests.unit.signing.test_refresh import Country

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Node:
    """What of a hub is needed here, with a clock that stands until it is moved."""

    config: Config
    now: list[timedelta] = field(default_factory=lambda: [timedelta()])

    def __post_init__(self) -> None:
        self.trusting = Trusting(self.config, lambda: NOW + self.now[0], at_once)
        self.trust: TrustStore = self.trusting.load()

    async def sweep(self, after: timedelta = timedelta()) -> bool:
        """Let time pass, and let the worker sweep twice: what the first fetched, the second sees."""
        self.now[0] += after
        await refresh_trust(self)
        await self.trusting.settled()
        return await refresh_trust(self)


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as web:
        yield web


@pytest.fixture
def country(web: Web, tmp_path: Path) -> Country:
    return Country(web, tmp_path / "trust")


@pytest.fixture
async def node(country: Country, tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(parse({}, tmp_path))
    yield made
    await made.trusting.close()


def meet(node: Node, country: Country) -> Outcome:
    """Judge the country's signer, as an acceptance does, and return what is known of revocation."""
    leaf, *extra = (certificates.of(each) for each in country.signer.chain)
    found = node.trust.chain(leaf, extra, NOW)
    assert isinstance(found, Chain)
    return node.trust.revocation.status(found.certificates, NOW).outcome


async def test_a_signer_seen_for_the_first_time_is_asked_about_within_a_minute(
    node: Node, country: Country
) -> None:
    await node.sweep()
    assert meet(node, country) is Outcome.UNDETERMINED
    await node.sweep(MINUTE / 2)
    assert country.web.asked == []
    assert await node.sweep(MINUTE)
    assert meet(node, country) is Outcome.VALID
    assert len(country.web.asked) == 3
    assert not await node.sweep(2 * MINUTE)
    assert len(country.web.asked) == 3


async def test_lists_are_fetched_again_when_they_are_due(node: Node, country: Country) -> None:
    meet(node, country)
    await node.sweep()
    country.web.asked.clear()
    await node.sweep(HOUR - MINUTE)
    assert country.web.asked == []
    await node.sweep(MINUTE)
    assert "/root.crl" in country.web.asked


async def test_a_certificate_that_is_laid_or_taken_away_counts_at_once(node: Node, country: Country) -> None:
    await node.sweep()
    before = node.trust
    assert not await refresh_trust(node)
    assert node.trust is before
    country.lay("public/root.pem", country.root)
    assert await refresh_trust(node)
    assert node.trust.kind_of(node.trust.anchors[1]) is trust_folder.AnchorClass.PUBLIC
    for name in ("root.pem", "public/root.pem"):
        (country.folder / name).unlink()
    assert await refresh_trust(node)
    assert node.trust.anchors == ()


async def test_who_was_seen_is_not_forgotten_when_the_folder_changes(node: Node, country: Country) -> None:
    await node.sweep()
    meet(node, country)
    country.lay("foreign/root.pem", country.root)
    await refresh_trust(node)
    assert node.trust.paths_found == ()
    assert len(trust_folder.seen(country.folder)) == 1


async def test_nothing_is_fetched_when_the_operator_says_never(country: Country, tmp_path: Path) -> None:
    node = Node(parse({"trust": {"refresh_seconds": 0}}, tmp_path))
    meet(node, country)
    await node.sweep(24 * HOUR)
    assert country.web.asked == []


async def test_a_folder_that_cannot_be_written_stops_nothing(node: Node, country: Country) -> None:
    (country.folder / "cache").write_bytes(b"a file where a folder should be")
    meet(node, country)
    await node.sweep(2 * HOUR)
    assert meet(node, country) is Outcome.UNDETERMINED


async def test_a_slow_server_holds_nothing_up_and_is_given_up_at_the_end(
    node: Node, country: Country
) -> None:
    release = asyncio.Event()
    asked = asyncio.Event()

    async def never(_: object) -> None:
        asked.set()
        await release.wait()

    node.trusting.fetch = never  # type: ignore[assignment,method-assign]
    await refresh_trust(node)
    await asked.wait()
    assert not await refresh_trust(node)
    await node.trusting.close()
    assert node.trusting._task is not None
    assert node.trusting._task.cancelled()


def test_names_of_other_networks_are_a_table_of_names() -> None:
    assert parse({}, Path()).trust.hosts == {"ocsp.ca.ptc": "ocsp.ca.gov.vn"}
    assert parse({"trust": {"hosts": {"a": "b"}}}, Path()).trust.hosts == {"a": "b"}
    for wrong in ({"a": 1}, {"a": ""}, "a", ["a"]):
        with pytest.raises(Misconfigured, match=r"trust\.hosts"):
            parse({"trust": {"hosts": wrong}}, Path())
