"""Another program makes the lists and the answers, and reads ours: OpenSSL as an authority and as a client."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp

from signing.ca import CertificateAuthority, Revoked
from signing.keys import SigningKey
from signing.revocation import RevocationData

pytestmark = pytest.mark.programs

NOW = datetime.now(UTC).replace(microsecond=0)  # OpenSSL has no other clock
DAY = timedelta(days=1)
SETTINGS = """
[ca]
default_ca = ours
[ours]
database = index.txt
crlnumber = number.txt
default_md = sha256
default_crl_days = 7
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid
"""


class OpenSsl:
    """An authority of ours whose key and register OpenSSL works with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = CertificateAuthority.create("Gốc", NOW - 100 * DAY)
        self.good = self.root.issue("Tốt", NOW - 50 * DAY, organisation="X")
        self.gone = self.root.issue("Đã thu hồi", NOW - 50 * DAY, organisation="X")
        self.responder = self.root.ocsp_responder("OCSP", NOW - 10 * DAY)
        self.write("root", self.root.key)
        self.write("responder", self.responder)
        self.write("good", self.good)
        self.write("gone", self.gone)
        (folder / "ca.cnf").write_text(SETTINGS, encoding="utf-8")
        (folder / "number.txt").write_text("2A\n", encoding="utf-8")
        revoked = f"{NOW - 5 * DAY:%y%m%d%H%M%SZ},keyCompromise"
        lines = [self.line("V", "", self.good), self.line("R", revoked, self.gone)]
        (folder / "index.txt").write_text("".join(lines), encoding="utf-8")
        (folder / "index.txt.attr").write_text("unique_subject = no\n", encoding="utf-8")

    def write(self, name: str, key: SigningKey) -> None:
        private = key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / f"{name}.key").write_bytes(private)
        (self.folder / f"{name}.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))

    @staticmethod
    def line(state: str, revoked: str, key: SigningKey) -> str:
        serial = f"{key.certificate.serial_number:X}"
        serial = serial if len(serial) % 2 == 0 else f"0{serial}"
        until = f"{key.certificate.not_valid_after_utc:%y%m%d%H%M%SZ}"
        return "\t".join((state, until, revoked, serial, "unknown", f"/CN={state}")) + "\n"

    def run(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout + ran.stderr

    def codes(self, data: RevocationData, key: SigningKey) -> list[str]:
        path = (key.certificate, self.root.certificate)
        return [reason.code for reason in data.status(path, NOW + timedelta(minutes=1)).reasons]


@pytest.fixture(scope="module")
def openssl(tmp_path_factory: pytest.TempPathFactory) -> OpenSsl:
    if shutil.which("openssl") is None:
        pytest.fail("openssl is not installed: the tests marked `programs` need it")
    return OpenSsl(tmp_path_factory.mktemp("openssl"))


def test_its_list_is_understood(openssl: OpenSsl) -> None:
    openssl.run(
        "ca", "-config", "ca.cnf", "-gencrl", "-keyfile", "root.key", "-cert", "root.pem", "-out", "root.crl"
    )
    data = RevocationData.of([(openssl.folder / "root.crl").read_bytes()])
    assert data.problems == ()
    assert data.lists[0].number == 0x2A
    assert openssl.codes(data, openssl.good) == ["revocation.good"]
    assert openssl.codes(data, openssl.gone) == ["certificate.revoked"]


@pytest.mark.parametrize("signer", ["root", "responder"])
@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256()], ids=["sha1", "sha256"])
@pytest.mark.parametrize(("name", "code"), [("good", "revocation.good"), ("gone", "certificate.revoked")])
def test_its_answers_are_understood(
    openssl: OpenSsl, signer: str, digest: hashes.SHA1 | hashes.SHA256, name: str, code: str
) -> None:
    key = openssl.good if name == "good" else openssl.gone
    builder = ocsp.OCSPRequestBuilder().add_certificate(key.certificate, openssl.root.certificate, digest)
    (openssl.folder / "ask").write_bytes(builder.build().public_bytes(Encoding.DER))
    common = ("-index", "index.txt", "-CA", "root.pem", "-rsigner", f"{signer}.pem", "-rkey", f"{signer}.key")
    openssl.run("ocsp", *common, "-reqin", "ask", "-respout", "said", "-ndays", "1", "-rmd", "sha256")
    data = RevocationData.of([], [(openssl.folder / "said").read_bytes()])
    assert data.problems == ()
    assert openssl.codes(data, key) == [code]


def test_it_reads_and_believes_our_list(openssl: OpenSsl) -> None:
    why = Revoked(NOW - DAY, x509.ReasonFlags.key_compromise)
    (openssl.folder / "ours.crl").write_bytes(
        openssl.root.crl(NOW, revoked={openssl.gone.certificate.serial_number: why})
    )
    said = openssl.run("crl", "-inform", "DER", "-in", "ours.crl", "-CAfile", "root.pem", "-noout", "-text")
    assert "verify OK" in said
    assert "Key Compromise" in said


def test_it_reads_and_believes_our_answer(openssl: OpenSsl) -> None:
    answer = openssl.root.ocsp(
        openssl.good.certificate, NOW - timedelta(minutes=1), responder=openssl.responder
    )
    (openssl.folder / "ours").write_bytes(answer)
    said = openssl.run(
        *("ocsp", "-respin", "ours", "-issuer", "root.pem", "-cert", "good.pem", "-CAfile", "root.pem"),
    )
    assert "Response verify OK" in said
    assert "good.pem: good" in said
