"""A stranger's name becomes a name for a file, and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.edxml.file_names import LONGEST_BYTES, folded, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Công văn số 12.pdf", "Công văn số 12.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\system.ini", "system.ini"),
        ("/etc/shadow", "shadow"),
        ("C:\\a.pdf", "a.pdf"),
        ("a/b/", "b"),
        ("..", "tệp-1"),
        (".", "tệp-1"),
        ("", "tệp-1"),
        ("   ", "tệp-1"),
        (".bashrc", "bashrc"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("COM¹.pdf", "_COM¹.pdf"),
        ("console.txt", "console.txt"),
        ("a\x00b\x1b[2J.pdf", "ab[2J.pdf"),
        ("hóa đơn\u202efdp.exe", "hóa đơnfdp.exe"),
        ("a\r\nb.pdf", "a b.pdf"),
        ('a<b>c:d"e|f?g*.pdf', "a_b_c_d_e_f_g_.pdf"),
        ("tên. ", "tên"),
        (unicodedata.normalize("NFD", "văn bản.pdf"), "văn bản.pdf"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name, "tệp-1") == safe


def test_a_long_name_is_cut_before_its_suffix() -> None:
    made = safe_name("ệ" * 500 + ".pdf", "x")
    assert made.endswith("ệ.pdf")
    assert len(made.encode()) <= LONGEST_BYTES


def test_a_suffix_as_long_as_a_name_is_no_suffix() -> None:
    assert len(safe_name("a." + "b" * 500, "x").encode()) <= LONGEST_BYTES


def test_two_files_never_get_the_same_name() -> None:
    taken = {"Công văn.pdf", "công văn (2).pdf"}
    assert safe_name("CÔNG VĂN.PDF", "x", taken) == "CÔNG VĂN (3).PDF"
    assert safe_name(unicodedata.normalize("NFD", "Công văn.pdf"), "x", taken) == "Công văn (3).pdf"


@given(st.text(max_size=400), st.sets(st.text(max_size=20), max_size=5))
def test_whatever_the_name_it_is_one_name_and_new(name: str, taken: set[str]) -> None:
    made = safe_name(name, "attachment-1", taken)
    assert made
    assert not set(made) & set('/\\:*?"<>|')
    assert not made.startswith(".")
    assert not made.endswith((".", " "))
    assert all(char == " " or unicodedata.category(char)[0] not in "CZ" for char in made)
    assert len(made.encode()) <= LONGEST_BYTES
    assert folded(made) not in {folded(other) for other in taken}
