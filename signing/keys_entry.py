"""What `keys/NAME.toml` says of a key beside its certificates: where it is, and which keys follow it.

    backend = "pkcs11"                      # or "command"; without it, the key is in NAME.pem itself
    uri = "pkcs11:token=hub;object=seal?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/hub.pin"

    [[next]]                                # key roll-over: from then on, that key signs
    key = "hub.2"
    from = 2027-01-01T00:00:00Z

docs/keys.md describes each setting.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from schemas.text import Sentence
from signing.signing_key import UnusableKey

Backend = Literal["file", "pkcs11", "command"]
Input = Literal["octets", "digest"]
Output = Literal["der", "raw"]

BAD_ENTRY = Sentence(
    vi="Tệp {name}.toml không đúng: {detail}.", en="The file {name}.toml is not in order: {detail}."
)

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Generation:
    """A key that takes over at a time."""

    key: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where a key is. `uri` is for pkcs11; `argv` and what follows it for command."""

    backend: Backend = "file"
    uri: str = ""
    argv: tuple[str, ...] = ()
    input: Input = "octets"
    output: Output = "der"
    timeout_seconds: float = TIMEOUT_SECONDS
    next: tuple[Generation, ...] = ()

    def followed_by(self, key: str, since: datetime) -> Entry:
        """Return the entry with one more generation."""
        return replace(self, next=(*self.next, Generation(key, since)))

    def as_toml(self) -> str:
        """Return the content of the file."""
        lines = []
        if self.backend == "pkcs11":
            lines += ['backend = "pkcs11"', f"uri = {_quoted(self.uri)}"]
        elif self.backend == "command":
            words = ", ".join(_quoted(word) for word in self.argv)
            lines += ['backend = "command"', f"argv = [{words}]"]
            lines += [f'input = "{self.input}"', f'output = "{self.output}"']
            lines += [f"timeout_seconds = {self.timeout_seconds}"]
        for generation in self.next:
            since = generation.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines += ["", "[[next]]", f"key = {_quoted(generation.key)}", f"from = {since}"]
        return "\n".join(lines).lstrip("\n") + "\n"


def parse(name: str, content: str) -> Entry:
    """Read the file of the key `name`. Raises `UnusableKey` naming what is wrong."""
    try:
        raw = tomllib.loads(content)
        later = raw.pop("next", [])
        generations = tuple(Generation(**_generation(each)) for each in later)
        if list(generations) != sorted(generations, key=lambda each: each.since):
            raise ValueError("next: from")
        return Entry(**_settings(raw), next=generations)
    except (tomllib.TOMLDecodeError, ValueError, TypeError, KeyError) as error:
        raise UnusableKey(BAD_ENTRY.say(name=name, detail=str(error)[:120])) from error


def _settings(raw: dict[str, Any]) -> dict[str, Any]:
    backend = raw.get("backend", "file")
    known = {"file": set(), "pkcs11": {"uri"}, "command": {"argv", "input", "output", "timeout_seconds"}}
    if backend not in known:
        raise ValueError(f"backend: {backend!r}")
    unknown = set(raw) - {"backend"} - known[backend]
    if unknown:
        raise ValueError(f"{min(unknown)}?")
    if backend == "pkcs11" and not isinstance(raw.get("uri"), str):
        raise ValueError("uri")
    if backend == "command":
        argv = raw.get("argv")
        if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
            raise ValueError("argv")
        if raw.get("input", "octets") not in ("octets", "digest"):
            raise ValueError("input")
        if raw.get("output", "der") not in ("der", "raw"):
            raise ValueError("output")
        seconds = raw.get("timeout_seconds", TIMEOUT_SECONDS)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            raise ValueError("timeout_seconds")
        raw = {**raw, "argv": tuple(argv), "timeout_seconds": float(seconds)}
    return raw


def _generation(raw: dict[str, Any]) -> dict[str, Any]:
    key, since = raw["key"], raw["from"]
    if not isinstance(key, str) or set(raw) != {"key", "from"}:
        raise ValueError("next: key")
    if not isinstance(since, datetime) or since.tzinfo is None:
        raise ValueError("next: from")
    return {"key": key, "since": since.astimezone(UTC)}


def _quoted(value: str) -> str:
    # The escapes of a JSON string are those of a basic string in TOML.
    return json.dumps(value, ensure_ascii=False)
