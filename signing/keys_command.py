"""A key behind a command: a program of the operator's that signs what it is given.

It gets the octets to be signed, or their digest, on stdin, and answers with the signature on stdout: RSA PKCS#1 v1.5,
or ECDSA in DER or as r||s. It is started directly, never through a shell; `{hash}` in its arguments becomes the name of
the hash ("sha256"). Whatever it answers is checked against the certificate before it is used. Blocking.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from schemas.text import Sentence
from signing.keys_entry import Input, Output
from signing.signing_key import UnusableKey

LARGEST_ANSWER = 4096  # octets; an RSA-4096 value has 512

NO_ANSWER = Sentence(
    vi="Lệnh ký {command} không trả lời trong {seconds} giây.",
    en="The signing command {command} did not answer within {seconds} seconds.",
)
FAILED = Sentence(
    vi="Lệnh ký {command} thất bại (chi tiết: {detail}).",
    en="The signing command {command} failed (detail: {detail}).",
)


@dataclass(frozen=True, slots=True)
class CommandSigner:
    """Signs by running `argv`. `elliptic`: the key is an ECDSA key, whose value may come as r||s."""

    argv: tuple[str, ...]
    input: Input
    output: Output
    timeout_seconds: float
    elliptic: bool

    def sign(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """Return the signature. Raises `UnusableKey`."""
        value = self._run(_digest(octets, algorithm) if self.input == "digest" else octets, algorithm.name)
        return _as_der(value) if self.elliptic and self.output == "raw" else value

    def _run(self, given: bytes, hash_name: str) -> bytes:
        command = self.argv[0]
        try:
            ran = subprocess.run(  # noqa: S603  the operator's own program, no shell
                [word.replace("{hash}", hash_name) for word in self.argv],
                input=given,
                capture_output=True,
                timeout=self.timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UnusableKey(NO_ANSWER.say(command=command, seconds=f"{self.timeout_seconds:g}")) from error
        except (OSError, ValueError) as error:
            raise UnusableKey(FAILED.say(command=command, detail=type(error).__name__)) from error
        if ran.returncode != 0:
            raise UnusableKey(FAILED.say(command=command, detail=f"exit {ran.returncode}"))
        if not 0 < len(ran.stdout) <= LARGEST_ANSWER:
            raise UnusableKey(FAILED.say(command=command, detail=f"{len(ran.stdout)} byte"))
        return ran.stdout


def _digest(octets: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    running = hashes.Hash(algorithm)
    running.update(octets)
    return running.finalize()


def _as_der(value: bytes) -> bytes:
    half = len(value) // 2
    return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
