"""The connection to an SFTP server: whom it trusts, what it says before it does, and what failures mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from adapters.sftp import SftpAdapter
from hub.errors import Misconfigured, Unavailable
from hub.rig import endpoint, parcel, surroundings
from tests.unit.adapters.sftp.server import PASSWORD, USER, DropServer, serving

OTHER_KEY = asyncssh.generate_private_key("ssh-ed25519")


@asynccontextmanager
async def adapter(
    server: DropServer, secret: str | None = PASSWORD, **asked: str
) -> AsyncIterator[SftpAdapter]:
    made = SftpAdapter(endpoint("sftp", SftpAdapter.settle(server.address(**asked))), surroundings(secret))
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DropServer]:
    async with serving(tmp_path / "drop") as made:
        yield made


def names(server: DropServer, folder: str = "outbox") -> list[str]:
    return sorted(path.name for path in (server.root / folder).iterdir())


async def test_a_server_with_another_key_hears_neither_user_nor_password(server: DropServer) -> None:
    async with adapter(server, hostkey=OTHER_KEY.get_fingerprint("sha256")) as made:
        with pytest.raises(Misconfigured, match="khóa đã ghim"):
            await made.deliver(parcel(b"<a/>"))
    assert (server.users, server.passwords, names(server)) == ([], [], [])


async def test_the_hub_users_own_known_hosts_vouches_for_nobody(
    server: DropServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text(hosts(server, server.host_key))
    monkeypatch.setenv("HOME", str(tmp_path))
    empty = tmp_path / "empty"
    empty.touch()
    for asked in ({"hostkey": OTHER_KEY.get_fingerprint("sha256")}, {"known_hosts": str(empty)}):
        async with adapter(server, **asked) as made:
            with pytest.raises(Misconfigured):
                await made.check()
    assert server.passwords == []


@pytest.mark.parametrize("marker", ["", "@revoked "])
async def test_a_known_hosts_file_vouches_for_what_it_lists_and_has_not_revoked(
    server: DropServer, tmp_path: Path, marker: str
) -> None:
    (tmp_path / "hosts").write_text(marker + hosts(server, server.host_key))
    async with adapter(server, known_hosts=str(tmp_path / "hosts")) as made:
        if marker:
            with pytest.raises(Misconfigured):
                await made.check()
        else:
            await made.check()


async def test_a_known_hosts_file_that_is_nonsense_is_misconfigured(
    server: DropServer, tmp_path: Path
) -> None:
    (tmp_path / "hosts").write_text("@nonsense a b\n")
    async with adapter(server, known_hosts=str(tmp_path / "hosts")) as made:
        with pytest.raises(Misconfigured, match="hosts"):
            await made.check()


async def test_a_private_key_opens_as_well_as_a_password(server: DropServer) -> None:
    async with adapter(server, server.client_pem) as made:
        await made.check()
    assert server.passwords == []


@pytest.mark.parametrize(
    "secret",
    [
        None,
        "wrong",
        OTHER_KEY.export_private_key("openssh").decode(),
        OTHER_KEY.export_private_key("pkcs8-pem", passphrase="x").decode(),
        "-----BEGIN OPENSSH PRIVATE KEY-----\nrubbish\n-----END OPENSSH PRIVATE KEY-----\n",
    ],
)
async def test_a_secret_that_does_not_open_is_an_operators_matter(
    server: DropServer, secret: str | None
) -> None:
    async with adapter(server, secret) as made:
        with pytest.raises(Misconfigured) as caught:
            await made.check()
    said = caught.value.message.vi + caught.value.message.en
    assert secret is None or secret not in said


async def test_a_document_is_synced_before_it_gets_its_name(server: DropServer) -> None:
    async with adapter(server) as made:
        receipt = await made.deliver(parcel(b"<a/>"))
    assert names(server) == [receipt.remote_id]
    assert server.synced == 1


@pytest.mark.parametrize("plain", [False, True])
async def test_a_repeat_leaves_one_document_with_and_without_openssh_extensions(
    server: DropServer, plain: bool
) -> None:
    server.plain = plain
    async with adapter(server) as made:
        for _ in range(2):
            receipt = await made.deliver(parcel(b"<a/>"))
    assert names(server) == [receipt.remote_id]
    assert server.contents("outbox", ".edxml") == [b"<a/>"]


async def test_a_plain_server_with_another_file_under_the_name_keeps_it(server: DropServer) -> None:
    server.plain = True
    taken = server.root / "outbox" / f"{parcel(b'<a/>').id}.edxml"
    taken.write_bytes(b"somebody else's")
    async with adapter(server) as made:
        with pytest.raises(Unavailable):
            await made.deliver(parcel(b"<a/>"))
    assert names(server) == [taken.name]
    assert taken.read_bytes() == b"somebody else's"


async def test_a_full_disk_is_waited_for_and_leaves_nothing_behind(server: DropServer) -> None:
    async with adapter(server) as made:
        server.full = True
        with pytest.raises(Unavailable, match="No space left"):
            await made.deliver(parcel(b"<a/>"))
        assert names(server) == []
        server.full = False
        await made.deliver(parcel(b"<a/>"))
    assert server.contents("outbox", ".edxml") == [b"<a/>"]


async def test_a_folder_that_is_gone_is_waited_for_and_not_made_anew(server: DropServer) -> None:
    (server.root / "outbox").rmdir()
    async with adapter(server) as made:
        for asked in (made.check(), made.deliver(parcel(b"<a/>"))):
            with pytest.raises(Unavailable, match="outbox"):
                await asked
    assert not (server.root / "outbox").exists()


async def test_an_address_without_give_takes_no_delivery(server: DropServer) -> None:
    async with adapter(server, give="") as made:
        await made.check()
        with pytest.raises(Misconfigured, match="give="):
            await made.deliver(parcel(b"<a/>"))


async def test_an_address_without_take_does_not_listen(server: DropServer) -> None:
    async with adapter(server, take="") as made:
        assert not made.listens
        (server.root / "inbox").rmdir()
        await made.check()


async def test_one_connection_is_kept_and_made_anew_after_it_broke(server: DropServer) -> None:
    async with adapter(server) as made:
        for number in range(3):
            await made.deliver(parcel(b"<a/>", number=number))
        assert server.users == [USER]
        await server.stop()
        with pytest.raises(Unavailable):
            await made.deliver(parcel(b"<a/>", number=3))
        await server.start()
        await made.deliver(parcel(b"<a/>", number=3))
    assert server.users == [USER, USER]
    assert len(names(server)) == 4


def hosts(server: DropServer, key: asyncssh.SSHKey) -> str:
    return f"[127.0.0.1]:{server.port} {key.export_public_key('openssh').decode()}"
