"""Signed notes and checkpoints: the example of Go's sumdb/note, a real log's checkpoint with its witnesses, attacks."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from signing import notes
from signing.notes import COSIGNATURE, BadNote, Checkpoint, Note, NoteKey, Signature, VerifierKey

# golang.org/x/mod/sumdb/note: the example of its documentation.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECRET = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
OTHER_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"

# A checkpoint of a CT log of 2026, signed in two ways by the log and cosigned by four witnesses.
REAL = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501
REAL_LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REAL_WITNESSES = (
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
)

KEY = NoteKey("hub.test/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
HEAD = Checkpoint("hub.test/log", 20852163, hashlib.sha256(b"root").digest())


def keys(*written: str) -> list[VerifierKey]:
    return [VerifierKey.parse(each) for each in written]


def test_the_note_of_gos_documentation_is_read_and_verified() -> None:
    note = notes.parse(GO_NOTE.encode())
    assert note.text == GO_TEXT
    assert [signed.key.name for signed in notes.verify(note, keys(GO_KEY, OTHER_KEY))] == ["PeterNeumann"]
    assert str(note) == GO_NOTE


def test_we_sign_gos_example_to_the_letter() -> None:
    key = NoteKey("PeterNeumann", Ed25519PrivateKey.from_private_bytes(GO_SECRET))
    assert str(key.verifier) == GO_KEY
    assert str(key.sign(GO_TEXT)) == GO_NOTE


def test_a_real_logs_checkpoint_holds_with_all_its_witnesses() -> None:
    note = notes.parse(REAL.encode())
    found = notes.verify(note, keys(REAL_LOG, *REAL_WITNESSES))
    assert len(found) == 5
    assert [signed.at.year for signed in found if signed.at] == [2026] * 4
    head = Checkpoint.parse(note.text)
    assert (head.origin, head.size) == ("arche2025h1.staging.ct.transparency.dev", 1432088532)
    assert str(head) == note.text


def test_signatures_of_nobody_we_know_are_passed_over_but_one_is_needed() -> None:
    note = notes.parse(REAL.encode())
    assert len(notes.verify(note, keys(REAL_WITNESSES[0]))) == 1
    with pytest.raises(BadNote):
        notes.verify(note, keys(OTHER_KEY))
    with pytest.raises(BadNote):
        notes.verify(note, [])


def test_a_known_signature_that_does_not_hold_condemns_the_note() -> None:
    altered = notes.parse(REAL.replace("1432088532", "1432088533").encode())
    for key in keys(REAL_LOG, *REAL_WITNESSES):
        with pytest.raises(BadNote):
            notes.verify(altered, [key])
    cosigned = notes.parse(REAL.encode())
    *rest, last = cosigned.signatures
    later = Signature(last.name, last.key_id, (2**40).to_bytes(8, "big") + last.value[8:])
    with pytest.raises(BadNote):
        notes.verify(Note(cosigned.text, (*rest, later)), keys(REAL_LOG, REAL_WITNESSES[3]))


def test_a_few_lines_of_someone_elses_code_agree() -> None:
    text, _, line = str(KEY.sign(str(HEAD))).rpartition("\n\n— hub.test/log ")
    blob = base64.b64decode(line)
    name, _, public = str(KEY.verifier).split("+", 2)
    raw = base64.b64decode(public)
    assert blob[:4] == hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(blob[4:], (text + "\n").encode())


def test_a_key_that_is_used_as_a_logs_and_as_a_witnesss_has_two_ids() -> None:
    own = KEY.verifier
    as_witness = VerifierKey(own.name, own.public, COSIGNATURE)
    assert own.id != as_witness.id
    assert VerifierKey.parse(str(as_witness)) == as_witness


@pytest.mark.parametrize("start", range(0, len(GO_KEY), 3))
def test_no_part_of_a_verifier_key_is_one(start: int) -> None:
    for end in range(start + 1, len(GO_KEY)):
        with pytest.raises(BadNote):
            VerifierKey.parse(GO_KEY[start:end])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY + "\n",
    ],
)
def test_mangled_verifier_keys_are_refused(written: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(written)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"text\n",
        b"text\n\n",
        GO_NOTE.encode()[:-1],
        GO_NOTE.encode() + b"\n",
        GO_NOTE.encode() + b"more\n",
        GO_NOTE.replace("\n\n", "\n").encode(),
        GO_NOTE.replace("— ", "- ").encode(),
        GO_NOTE.replace("— ", "—  ").encode(),
        GO_NOTE.replace("\n", "\r\n").encode(),
        GO_NOTE.replace("AM=", "AN=").encode(),  # not the canonical base64 of the same octets
        GO_NOTE.replace("AM=", "AM").encode(),
        b"\xff" + GO_NOTE.encode(),
        b"\x00" + GO_NOTE.encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        GO_NOTE.encode() + GO_NOTE.encode().split(b"\n\n")[1] * 64,
        b"a" * 70_000 + GO_NOTE.encode(),
    ],
)
def test_what_is_not_exactly_a_note_is_refused(octets: bytes) -> None:
    with pytest.raises(BadNote):
        notes.parse(octets)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n5\n",
        "origin\n5\nAAAA\n",
        "\n5\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
        "origin\n05\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
        "origin\n-5\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
        "origin\n٥\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
        "origin\n5\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro\n",
        "origin\n5\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\nmore\n",
    ],
)
def test_what_is_not_exactly_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_extension_lines_are_kept() -> None:
    head = Checkpoint("origin", 5, bytes(32), ("one", "two"))
    assert Checkpoint.parse(str(head)) == head


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b"])
def test_no_key_signs_under_a_name_that_cannot_be_written(name: str) -> None:
    with pytest.raises(BadNote):
        NoteKey(name, KEY.private)


@given(st.integers(0, len(REAL.encode()) - 1), st.integers(1, 255))
def test_no_single_changed_octet_passes(place: int, change: int) -> None:
    octets = bytearray(str(KEY.sign(str(HEAD))).encode())
    octets[place % len(octets)] ^= change
    with pytest.raises(BadNote):
        notes.verify(notes.parse(bytes(octets)), [KEY.verifier])


@given(st.binary(max_size=300))
def test_reading_strangers_octets_ends_in_a_note_or_a_complaint(octets: bytes) -> None:
    for given_ in (octets, GO_TEXT.encode() + b"\n" + octets):
        try:
            note = notes.parse(given_)
        except BadNote:
            continue
        assert str(note).encode() == given_
