"""A real SFTP server on this machine, whose folders the tests look into, and which can be told to misbehave."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import asyncssh

USER, PASSWORD = "so-noi-vu", "mat-khau thu 1:2@3"  # the hub gets it as the endpoint's secret


class Guard(asyncssh.SSHServer):
    """Lets one user in, with a password or a key, and counts who tried what."""

    def __init__(self, drop: DropServer) -> None:
        self._drop = drop
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._drop.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        self._drop.users.append(username)
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._drop.passwords.append(password)
        return username == USER and password == self._drop.password

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key == self._drop.client_key.convert_to_public()


class Files(asyncssh.SFTPServer):
    """The files of the drop folder; `plain` is a server without any extension of OpenSSH."""

    def __init__(self, chan: asyncssh.SSHServerChannel[bytes], drop: DropServer) -> None:
        super().__init__(chan, chroot=str(drop.folder).encode())
        self._drop = drop

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        self._drop.opened.append(path.decode(errors="replace"))
        if self._drop.forbidden and self._drop.forbidden in path:
            raise asyncssh.SFTPPermissionDenied("no")
        return super().open(path, pflags, attrs)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if self._drop.full:
            raise asyncssh.SFTPFailure("No space left on device")
        written = super().write(file_obj, offset, data)
        assert isinstance(written, int)
        return written

    def fsync(self, file_obj: object) -> None:
        if self._drop.plain:
            raise asyncssh.SFTPOpUnsupported("fsync")
        self._drop.synced += 1
        super().fsync(file_obj)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self._drop.plain:
            raise asyncssh.SFTPOpUnsupported("posix-rename")
        super().posix_rename(oldpath, newpath)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self._drop.folder.joinpath(newpath.decode().lstrip("/")).exists():
            raise asyncssh.SFTPFailure("File exists")
        super().rename(oldpath, newpath)


class DropServer:
    """The agency's SFTP server. Its folders outlive its being switched off."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.password = folder, 0, PASSWORD
        self.root = folder / "edoc"
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.client_key = asyncssh.generate_private_key("ssh-ed25519")
        self.connections: list[asyncssh.SSHServerConnection] = []
        self.users: list[str] = []
        self.passwords: list[str] = []
        self.opened: list[str] = []
        self.synced = 0
        self.full = self.plain = False
        self.forbidden = b""
        self._listener: asyncssh.SSHAcceptor | None = None
        for name in ("inbox", "outbox"):
            (self.root / name).mkdir(parents=True)

    @property
    def fingerprint(self) -> str:
        return self.host_key.get_fingerprint("sha256")

    @property
    def client_pem(self) -> str:
        return self.client_key.export_private_key("openssh").decode()

    def address(self, **asked: str) -> str:
        pinned = {} if "known_hosts" in asked else {"hostkey": self.fingerprint}
        return f"sftp://{USER}@127.0.0.1:{self.port}/edoc?{urlencode({**pinned, 'poll': '0.05', **asked})}"

    async def start(self) -> None:
        self._listener = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host_key],
            server_factory=lambda: Guard(self),
            sftp_factory=lambda chan: Files(chan, self),
        )
        self.port = self._listener.get_port()

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self.cut()
            await self._listener.wait_closed()
            self._listener = None

    def cut(self) -> None:
        """Drop every connection there is."""
        for connection in self.connections:
            connection.abort()
        self.connections.clear()

    def drop(self, name: str, content: bytes) -> None:
        """Drop a package as the page says: under a temporary name, then renamed."""
        (self.root / "inbox" / f"{name}.tmp").write_bytes(content)
        (self.root / "inbox" / f"{name}.tmp").rename(self.root / "inbox" / name)

    def contents(self, folder: str, suffix: str) -> list[bytes]:
        found = sorted((self.root / folder).glob(f"*{suffix}")) if (self.root / folder).is_dir() else []
        return [path.read_bytes() for path in found if not path.name.startswith(".")]


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[DropServer]:
    server = DropServer(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
