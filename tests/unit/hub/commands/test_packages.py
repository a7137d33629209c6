"""What is done to packages without a hub: composing, showing, taking apart, checking; and the rules of checking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.commands._extract import write_new
from schemas.catalog import Catalog
from schemas.edxml.attachments import attachments
from schemas.edxml.envelope import AttachmentInfo
from schemas.edxml.reader import read
from schemas.edxml.writer import write
from schemas.xml import parse
from tests.unit.hub.commands.door import Command

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n%%EOF\n"
LETTER = (
    "--from", "Z99.13", "--from-name", "Sở Mẫu", "--to", "Z99.61=UBND xã Mẫu", "--to", "Z99.62=UBND xã Khác",
    "--number", "12", "--notation", "SM-VP", "--subject", "V/v soạn gói tin", "--date", "2026-11-20",
)  # fmt: skip


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """A PDF that somebody scanned."""
    path = tmp_path / "công văn.pdf"
    path.write_bytes(PDF)
    return path


def edxml(folder: Path, *files: tuple[str, bytes]) -> Path:
    """Return a package with these attachments."""
    envelope = read(parse((SAMPLES / "good/document-update.edxml").read_bytes()))
    enclosed = [
        (AttachmentInfo(content_id=str(number), name=name, content_type="application/octet-stream"), content)
        for number, (name, content) in enumerate(files)
    ]
    path = folder / "gói.edxml"
    path.write_bytes(write(replace(envelope, attachments=()), enclosed))
    return path


# compose


def test_a_pdf_becomes_a_package_that_passes_the_strictest_check(
    edochub: Command, pdf: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made.edxml"
    ran = edochub(
        "compose", "-o", made, *LETTER, "--due", "05/12/2026", "--priority", "2", "--signer", "Trần Mẫu", pdf
    )

    assert (ran.code, ran.err) == (0, "")
    assert "12/SM-VP" in ran.out
    assert edochub("check", "--strict", made).code == 0
    said = read(parse(made.read_bytes()))
    assert said.document_id == "Z99.13,2026/11/20,12/SM-VP"
    assert [receiver.name for receiver in said.receivers] == ["UBND xã Mẫu", "UBND xã Khác"]
    (attachment,) = attachments(parse(made.read_bytes()))
    assert (attachment.info.name, attachment.decoded()) == ("công văn.pdf", PDF)


def test_the_dotnet_form_is_written_when_asked_for(edochub: Command, pdf: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.edxml"
    assert edochub("compose", "-o", made, *LETTER, "--dialect", "dotnet", pdf).code == 0

    assert b"<edXML:DigitalSignature/>" in made.read_bytes()
    assert edochub("check", "--strict", made).code == 0


def test_a_package_that_breaks_a_rule_is_not_written(edochub: Command, pdf: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.edxml"
    ran = edochub("compose", "-o", made, *LETTER, "--to", "Z99.61", pdf)

    assert ran.code == 1
    assert "same-addressee-twice" in ran.err
    assert not made.exists()


def test_what_acts_on_a_document_must_say_on_which_and_why(
    edochub: Command, pdf: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made.edxml"
    assert edochub("compose", "-o", made, *LETTER, "--kind", "revoke").code == 2
    about = ("--about", "Z99.13,2026/11/01,7/SM-VP", "--reason", "Sai thể thức")
    assert edochub("compose", "-o", made, *LETTER, "--kind", "revoke", *about).code == 0
    assert edochub("check", "--json", made).json["files"][0]["kind"] == "revoke"
    assert edochub("compose", "-o", made, *LETTER, "--kind", "update", *about).code == 2, (
        "an update needs a file"
    )


@pytest.mark.parametrize(
    "wrong", [("--to", "=UBND"), ("--priority", "7"), ("--date", "30/02/2026"), ("--subject", "\x01")]
)
def test_what_cannot_be_meant_is_wrong_usage(
    edochub: Command, pdf: Path, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    assert edochub("compose", "-o", tmp_path / "x.edxml", *LETTER, *wrong, pdf).code == 2
    assert not (tmp_path / "x.edxml").exists()


def test_a_day_that_does_not_exist_is_answered_with_the_forms_of_a_day(
    edochub: Command, pdf: Path, tmp_path: Path
) -> None:
    ran = edochub("compose", "-o", tmp_path / "x.edxml", *LETTER, "--due", "30/02/2026", pdf)
    assert (ran.code, "%" in ran.err) == (2, False)
    assert "2026-12-31 or 31/12/2026, got '30/02/2026'" in ran.err


def test_a_reply_says_what_it_answers(edochub: Command, pdf: Path, tmp_path: Path) -> None:
    made, answered = tmp_path / "made.edxml", "Z99.61,2026/11/01,7/UBND-VP"
    assert edochub("compose", "-o", made, *LETTER, "--reply-to", answered, pdf).code == 0
    assert answered in edochub("show", made).out


def test_without_a_file_there_is_nothing_to_send(edochub: Command, tmp_path: Path) -> None:
    assert edochub("compose", "-o", tmp_path / "x.edxml", *LETTER).code == 2


# show


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_package_is_shown_as_people_read_it(edochub: Command, language: str) -> None:
    ran = edochub("show", SAMPLES / "good/document-update.edxml", language=language)

    assert (ran.code, ran.err) == (0, "")
    for word in (
        "101/SGĐM-VP",
        "000.00.13.H49",
        "Bổ sung nơi nhận",
        "2026/11/20 08:15:00",
        "101_SGDM-VP.pdf",
        "PDF",
    ):
        assert word in ran.out
    assert ("Bên gửi" in ran.out) is (language == "vi")
    assert ("Sender" in ran.out) is (language == "en")


def test_a_status_is_shown_with_what_it_means(edochub: Command) -> None:
    said = edochub("show", SAMPLES / "good/status-refused-02.edxml").out

    assert "02 Refused" in said
    assert "Gửi nhầm địa chỉ" in said


def test_a_package_inside_a_package_and_a_placeholder_are_named(edochub: Command) -> None:
    inside = edochub("show", SAMPLES / "odd/doc-holds-package.edxml").out
    assert "an edXML package (wrapped in a zip)" in inside
    assert "Inside “101_SGDM-VP.doc” there is an edXML package" in inside
    placeholder = edochub("show", SAMPLES / "odd/placeholder-signature.edxml").out
    assert "not XML-DSig (another namespace), rsa-sha1, CN=Mẫu" in placeholder


def test_a_package_that_breaks_rules_is_shown_all_the_same(edochub: Command) -> None:
    ran = edochub("show", SAMPLES / "bad/no-addressee.edxml")

    assert ran.code == 0
    assert "edochub check" in ran.out


def test_what_is_no_xml_cannot_be_shown(edochub: Command) -> None:
    assert edochub("show", SAMPLES / "bad/not-xml.edxml").code == 1


def test_a_header_of_another_standard_is_shown_by_its_own_names(edochub: Command) -> None:
    said = edochub("show", SAMPLES / "as4/good/user-message.xml").out

    assert "User message truc-mau-mot → truc-mau-hai" in said
    assert "originalSender" in said


def test_programs_get_all_of_it(edochub: Command) -> None:
    shown = edochub("show", "--json", SAMPLES / "odd/doc-holds-package.edxml").json

    assert shown["standard"] == "QCVN 102:2016/BTTTT"
    assert shown["says"]["kind"] == "new"
    assert shown["says"]["promulgated_on"] == "2026-11-20"
    first, second = shown["attachments"]
    assert first["wrapped"]
    assert first["package"]["says"]["status"]["code"] == "03"
    assert (second["media_type"], second["as_named"]) == ("text/plain", True)
    assert edochub("show", "--json", SAMPLES / "as4/good/error.xml").json["says"]["signals"]


# --extract


def test_attachments_are_taken_out_under_safe_names(edochub: Command, tmp_path: Path) -> None:
    package = edxml(
        tmp_path,
        ("../../thoát ra.txt", b"one"),
        ("CON.txt", b"two"),
        ("Văn bản.txt", b"three"),
        ("văn bản.TXT", b"four"),
        ("\u202efdp.exe", b"five"),
    )
    folder = tmp_path / "ra" / "đây"
    ran = edochub("show", package, "--extract", folder)

    assert ran.code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "thoát ra.txt": b"one",
        "_CON.txt": b"two",
        "Văn bản.txt": b"three",
        "văn bản (2).TXT": b"four",
        "fdp.exe": b"five",
    }
    assert str(folder / "văn bản (2).TXT") in ran.out
    assert "named “../../thoát ra.txt” in the package" in ran.out
    assert not (tmp_path / "thoát ra.txt").exists()


def test_nothing_is_overwritten_and_no_link_is_followed(edochub: Command, tmp_path: Path) -> None:
    package = edxml(tmp_path, ("a.txt", b"new"), ("b.txt", b"new"))
    folder, elsewhere = tmp_path / "ra", tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"old")
    (folder / "b.txt").symlink_to(elsewhere)

    shown = edochub("show", package, "--extract", folder, "--json").json

    assert (folder / "a.txt").read_bytes() == b"old"
    assert not elsewhere.exists()
    assert [Path(each["path"]).name for each in shown["extracted"]] == ["a (2).txt", "b (2).txt"]


def test_a_link_that_appears_at_the_last_moment_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "x", [b"new"])
    assert not (tmp_path / "elsewhere").exists()


def test_half_a_file_is_not_left_behind(edochub: Command, tmp_path: Path) -> None:
    folder = tmp_path / "ra"
    ran = edochub("show", SAMPLES / "bad/base64-broken.edxml", "--extract", folder)

    assert ran.code == 1
    assert "is not valid base64" in ran.err
    assert [path.name for path in folder.iterdir()] == ["danh sach.txt"]


# check


def test_of_strictness_people_are_told_what_and_where(edochub: Command) -> None:
    jar = SAMPLES / "good/document-jar.edxml"
    assert edochub("check", jar).code == 0

    ran = edochub("check", "--strict", jar)
    assert ran.code == 1
    assert "stands in the wrong order" in ran.out
    assert "line 93" in ran.out


def test_warnings_are_shown_and_do_not_fail(edochub: Command) -> None:
    ran = edochub("check", SAMPLES / "odd/class-18.edxml")

    assert ran.code == 0
    assert "code-value-unknown" in ran.out


def test_a_document_of_another_standard_is_checked_by_its_own_rules(edochub: Command) -> None:
    good, bad = SAMPLES / "as4/good/receipt.xml", SAMPLES / "as4/bad/part-twice.xml"
    assert edochub("check", good).code == 0

    ran = edochub("check", good, bad, "--json")
    assert ran.code == 1
    assert [each["standard"] for each in ran.json["files"]] == ["ebMS 3.0 / AS4"] * 2
    assert [each["valid"] for each in ran.json["files"]] == [True, False]
    assert [finding["code"] for finding in ran.json["files"][1]["findings"]] == ["ebms-part-twice"]


# rules


def test_every_rule_is_listed_in_the_readers_language(edochub: Command) -> None:
    rules = Catalog.standard().rules
    for language in ("vi", "en"):
        said = edochub("rules", language=language).out
        assert all(
            rule.id in said and rule.about.speak("vi" if language == "vi" else "en") in said for rule in rules
        )
    assert [each["id"] for each in edochub("rules", "--json").json["rules"]] == [rule.id for rule in rules]


def test_one_rule_is_told_with_its_remedies_by_its_id_or_by_what_it_finds(edochub: Command) -> None:
    by_id, by_code = edochub("rules", "secrecy"), edochub("rules", "secrecy-mark")

    assert by_id.out == by_code.out
    assert "Decision 28/2018/QĐ-TTg" in by_id.out
    assert "Send it as the rules on state secrets demand" in by_id.out
    assert edochub("rules", "secrecy", "--json").json["findings"][0]["code"] == "secrecy-mark"


def test_a_rule_that_is_not_there_is_wrong_usage_that_names_those_there_are(edochub: Command) -> None:
    ran = edochub("rules", "nosuch")

    assert ran.code == 2
    assert "attachment-content" in ran.err
