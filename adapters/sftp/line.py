"""The kept connection to an SFTP server, and the few things that are done over it.

The server proves itself with a key that the operator pinned, before anything of ours is said. Nothing of the machine's
own SSH is used: no `~/.ssh`, no agent, no Kerberos. A connection that broke is made anew by the next who needs it.

Whatever the server says is bounded: seconds for every answer, entries of a folder, bytes of a file. Names are carried
as the server wrote them, whatever they are in.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

import asyncssh
from asyncssh.sftp import SFTPClientFile

from adapters.folder.arrivals import Unreadable
from adapters.sftp import words
from adapters.sftp.address import PORT, Address
from hub.errors import HubError, Misconfigured, TooLarge, Unavailable

CHUNK_BYTES = 1_048_576  # each must move within `answer_seconds`
# Plain keys only, and none with SHA-1: a fingerprint says nothing about certificates.
HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
PEM = "-----BEGIN "


class Restless(Exception):
    """The file was written to while it was read. Look again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a server may take of our time and memory."""

    connect_seconds: float = 20.0
    answer_seconds: float = 60.0
    alive_seconds: float = (
        15.0  # how often the server is asked whether it is there; three times unanswered: gone
    )
    largest_bytes: int = 268_435_456  # a larger file is refused unread; the hub's own limit is mostly below
    most_entries: int = 10_000  # of one folder, at one look


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a file: the same sight twice means that nobody wrote in between."""

    size: int
    written: int  # mtime, seconds

    @classmethod
    def of(cls, attrs: asyncssh.SFTPAttrs) -> Sight:
        """Return the sight of a file. A server that tells no size tells -1."""
        return cls(-1 if attrs.size is None else attrs.size, attrs.mtime or 0)


class Pinned(asyncssh.SSHClient):
    """Trusts the keys whose fingerprints the operator wrote down, and no other."""

    def __init__(self, fingerprints: tuple[str, ...]) -> None:
        self._fingerprints = fingerprints

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        """Tell whether the server's key is one of ours. Asked only for keys that no known_hosts file has."""
        return key.get_fingerprint("sha256") in self._fingerprints


@dataclass
class Line:
    """One connection, shared by everything that one endpoint does."""

    address: Address
    secret: Callable[[], Awaitable[str | None]]
    limits: Limits
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: asyncssh.SSHClientConnection | None = None
    _client: asyncssh.SFTPClient | None = None

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None

    # --- what is done over it -------------------------------------------------------------------------------------

    async def listed(self, folder: str) -> dict[str, Sight]:
        """Return the plain files in a folder, at most `most_entries`, under their names."""
        found: dict[str, Sight] = {}
        async with self._talking(folder) as client, asyncio.timeout(self.limits.answer_seconds):
            looked = 0
            async with aclosing(
                cast(AsyncGenerator[asyncssh.SFTPName, None], client.scandir(folder))
            ) as entries:
                async for entry in entries:
                    looked += 1
                    name, attrs = str(entry.filename), entry.attrs
                    if stat.S_ISREG(attrs.permissions or 0) and "/" not in name:
                        found[name] = Sight.of(attrs)
                    if looked >= self.limits.most_entries:
                        break
        return found

    async def is_folder(self, path: str) -> None:
        """Return if a folder is there. Raises `Unavailable`."""
        async with self._asking(path) as client:
            if not await client.isdir(path):
                raise asyncssh.SFTPNoSuchPath("")

    async def make_folder(self, path: str) -> None:
        """Make a folder, with those above it, if it is not there."""
        async with self._asking(path) as client:
            await client.makedirs(path, exist_ok=True)

    async def seen(self, path: str) -> Sight | None:
        """Return the sight of a file, None if there is none."""
        async with self._asking(path) as client:
            try:
                return Sight.of(await client.lstat(path))
            except words.ABSENT:
                return None

    async def read(self, path: str, expected: Sight) -> bytes:
        """Return a file that looks as it did; `Restless` if it does not. Raises `TooLarge` unread, `Unreadable`."""
        if expected.size > self.limits.largest_bytes:
            raise TooLarge(self.limits.largest_bytes)
        content = bytearray()
        async with self._talking(path) as client, self._opened_to_read(client, path) as file:
            while True:
                async with asyncio.timeout(self.limits.answer_seconds):
                    piece = cast(bytes, await file.read(CHUNK_BYTES, len(content)))
                content += piece
                if not piece or len(content) > expected.size:
                    break
            async with asyncio.timeout(self.limits.answer_seconds):
                after = Sight.of(await file.stat())
        if len(content) != expected.size or after != expected:
            raise Restless
        return bytes(content)

    async def put(self, temporary: str, path: str, content: bytes) -> None:
        """Write a file under a temporary name, then give it its own, replacing what was there before."""
        async with self._talking(path) as client:
            try:
                await self._write(client, temporary, content)
                await self._rename_over(client, temporary, path, len(content))
            except BaseException:
                with suppress(*words.FAILURES):  # the first error is the one to tell
                    async with asyncio.timeout(1.0):
                        await client.remove(temporary)
                raise

    async def move(self, source: str, target: str) -> bool:
        """Rename a file; tell whether it was still there."""
        async with self._asking(source) as client:
            try:
                await client.rename(source, target)
            except words.ABSENT:
                return False
        return True

    async def remove(self, path: str) -> None:
        """Delete a file, if it is there."""
        async with self._asking(path) as client:
            with suppress(*words.ABSENT):
                await client.remove(path)

    async def _write(self, client: asyncssh.SFTPClient, path: str, content: bytes) -> None:
        view = memoryview(content)
        async with self._opened(client, path, "wb") as file:
            for start in range(0, len(content), CHUNK_BYTES):
                async with asyncio.timeout(self.limits.answer_seconds):
                    await file.write(bytes(view[start : start + CHUNK_BYTES]), start)
            async with asyncio.timeout(self.limits.answer_seconds):
                with suppress(asyncssh.SFTPOpUnsupported):  # then the server's word is all there is
                    await file.fsync()
                size = (await file.stat()).size
        if size != len(content):
            said = words.SHORT.say(server=self.address.server, path=path, got=size, sent=len(content))
            raise Unavailable(said)

    async def _rename_over(self, client: asyncssh.SFTPClient, temporary: str, path: str, size: int) -> None:
        async with asyncio.timeout(self.limits.answer_seconds):
            try:
                await client.posix_rename(temporary, path)
            except asyncssh.SFTPOpUnsupported:
                # Plain SFTP 3 does not rename onto a name that is taken. What has the name got it by
                # renaming, so it is whole; the same size means that an earlier attempt put it there.
                if await client.exists(path) and await client.getsize(path) == size:
                    await client.remove(temporary)
                else:
                    await client.rename(temporary, path)

    # --- the connection -------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _opened(
        self, client: asyncssh.SFTPClient, path: str, mode: str
    ) -> AsyncIterator[SFTPClientFile]:
        async with asyncio.timeout(self.limits.answer_seconds):
            file = await client.open(path, mode, encoding=None)
        try:
            yield file
        finally:
            async with asyncio.timeout(self.limits.answer_seconds):
                await file.close()

    @asynccontextmanager
    async def _opened_to_read(self, client: asyncssh.SFTPClient, path: str) -> AsyncIterator[SFTPClientFile]:
        async with AsyncExitStack() as stack:
            try:
                file = await stack.enter_async_context(self._opened(client, path, "rb"))
            except asyncssh.SFTPPermissionDenied as error:
                raise Unreadable from error
            yield file

    @asynccontextmanager
    async def _asking(self, path: str) -> AsyncIterator[asyncssh.SFTPClient]:
        """Lend the connection for something short."""
        async with self._talking(path) as client, asyncio.timeout(self.limits.answer_seconds):
            yield client

    @asynccontextmanager
    async def _talking(self, path: str) -> AsyncIterator[asyncssh.SFTPClient]:
        """Lend the connection, made if need be; whatever fails comes out as the hub's error."""
        client = await self._connected()
        try:
            yield client
        except words.FAILURES as error:
            if not isinstance(error, asyncssh.SFTPError) or isinstance(error, words.GONE):
                await self._drop(client)
            raise words.working(error, self.address.server, path) from error

    async def _drop(self, client: asyncssh.SFTPClient) -> None:
        if self._client is client:  # nobody else has made a new one
            await self.close()

    async def _connected(self) -> asyncssh.SFTPClient:
        async with self._making:
            if self._client is not None and self._connection is not None and not self._connection.is_closed():
                return self._client
            await self.close()
            secret = await self.secret()
            try:
                async with asyncio.timeout(self.limits.connect_seconds):
                    self._connection = await self._connect(secret)
                    self._client = await self._connection.start_sftp_client(path_errors="surrogateescape")
            except HubError:
                raise
            except (*words.FAILURES, ValueError) as error:
                await self.close()
                raise words.connecting(error, self.address.server, self.address.user) from error
            except asyncio.CancelledError:
                await self.close()
                raise
            return self._client

    async def _connect(self, secret: str | None) -> asyncssh.SSHClientConnection:
        address = self.address
        if not secret:
            raise Misconfigured(words.NO_SECRET.say(server=address.server))
        key = self._private_key(secret) if secret.lstrip().startswith(PEM) else None
        return await asyncssh.connect(
            address.host,
            address.port or PORT,
            config=None,
            username=address.user,
            password=None if key else secret,
            client_keys=[key] if key else None,
            client_factory=lambda: Pinned(address.hostkeys),
            known_hosts=self._known_hosts(),
            server_host_key_algs=HOST_KEYS if address.hostkeys else "default",
            x509_trusted_certs=None,
            agent_path=None,
            gss_host=None,
            host_based_auth=False,
            keepalive_interval=self.limits.alive_seconds,
            connect_timeout=self.limits.connect_seconds,
            login_timeout=self.limits.connect_seconds,
        )

    def _known_hosts(self) -> asyncssh.SSHKnownHosts | Callable[[str, str, int | None], object]:
        """Return what vouches for keys. Never empty-handed: asyncssh would then read the user's own file."""
        path = self.address.known_hosts
        if path is None:
            return lambda host, addr, port: ((), (), ())  # noqa: ARG005
        try:
            return asyncssh.read_known_hosts(path)
        except (OSError, ValueError) as error:
            raise Misconfigured(words.BAD_HOSTS.say(server=self.address.server, path=path)) from error

    def _private_key(self, secret: str) -> asyncssh.SSHKey:
        try:
            return asyncssh.import_private_key(secret.strip() + "\n")
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise Misconfigured(words.BAD_SECRET.say(server=self.address.server)) from error
