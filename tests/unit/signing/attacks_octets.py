"""Packages that are hostile before any signature is looked at: their octets, their XML, their attachments.

Where it can be done they are signed well, by a signer that the hub trusts.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from signing.xml import sign
from tests.unit.signing.packages import b64, package, signer


def genuine() -> bytes:
    return sign(package(), signer())


def with_prolog(prolog: bytes) -> bytes:
    head, end, body = genuine().partition(b"?>\n")
    return head + end + prolog + body


def in_subject(text: str) -> bytes:
    return sign(package(), signer()).replace("liên thông".encode(), text.encode())


# The prolog and the encoding


def doctype() -> bytes:
    return with_prolog(b"<!DOCTYPE edXML>\n")


def external_entity() -> bytes:
    return with_prolog(b'<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n')


def external_dtd() -> bytes:
    return with_prolog(b'<!DOCTYPE edXML SYSTEM "http://example.invalid/x.dtd">\n')


def billion_laughs() -> bytes:
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
    )
    content = with_prolog(b'<!DOCTYPE edXML [<!ENTITY l0 "lol">' + entities + b"]>\n")
    return content.replace("liên thông".encode(), b"&l9;")


def attribute_defaults_from_a_dtd() -> bytes:
    return with_prolog(b'<!DOCTYPE edXML [<!ATTLIST edXML Id ID "a">]>\n')


def undeclared_entity() -> bytes:
    return in_subject("&evil;")


def comment_before_the_root() -> bytes:
    return with_prolog(b"<!-- x -->\n")


def comment_in_a_text() -> bytes:
    """Some readers see "UBND x" only."""
    return genuine().replace("UBND xã Mẫu".encode(), "UBND x<!-- -->ã Mẫu".encode())


def comment_in_the_signature() -> bytes:
    return genuine().replace(b"<ds:SignatureValue>", b"<ds:SignatureValue><!-- x -->")


def comment_after_the_root() -> bytes:
    return genuine() + b"<!-- x -->"


def instruction_before_the_root() -> bytes:
    """A verifier that canonicalises the root element and not the document does not see it."""
    return with_prolog(b"<?evil do this?>\n")


def style_sheet_before_the_root() -> bytes:
    return with_prolog(b'<?xml-stylesheet href="http://example.invalid/x.xsl"?>\n')


def instruction_in_the_header() -> bytes:
    return genuine().replace(b"<edXML:MessageHeader>", b"<?evil?><edXML:MessageHeader>")


def instruction_after_the_root() -> bytes:
    return genuine() + b"<?evil?>"


def utf16() -> bytes:
    return genuine().decode().replace("UTF-8", "UTF-16").encode("utf-16")


def utf16_declared_only() -> bytes:
    return genuine().replace(b'encoding="UTF-8"', b'encoding="UTF-16"')


def utf7_declared() -> bytes:
    return genuine().replace(b'encoding="UTF-8"', b'encoding="UTF-7"')


def latin1_declared() -> bytes:
    return genuine().replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')


def octets_that_are_not_utf8() -> bytes:
    return genuine().replace("liên thông".encode(), b"li\xean th\xf4ng")


def overlong_utf8() -> bytes:
    """C0 BC is "<" to a careless decoder."""
    return genuine().replace("liên thông".encode(), b"\xc0\xbcx\xc0\xbe")


def null_character() -> bytes:
    return genuine().replace("liên thông".encode(), b"\x00")


def trailing_data() -> bytes:
    return genuine() + b"<edXML/>"


def trailing_zeroes() -> bytes:
    return genuine() + bytes(16)


def leading_data() -> bytes:
    return b"1212" + genuine()


def two_declarations() -> bytes:
    return with_prolog(b'<?xml version="1.0" encoding="UTF-8"?>\n')


def namespace_flood() -> bytes:
    """Inclusive canonicalisation takes cubic time on it."""
    flood = " ".join(f'xmlns:p{number}="urn:p{number}"' for number in range(100))
    return genuine().replace(b"<AttachmentEncoded>", f"<AttachmentEncoded {flood}>".encode())


def attribute_flood() -> bytes:
    """Canonicalisation sorts attributes one by one."""
    flood = " ".join(f'a{number}="x"' for number in range(100))
    return genuine().replace(b"<AttachmentEncoded>", f"<AttachmentEncoded {flood}>".encode())


def depth() -> bytes:
    deep = b"<x>" * 300 + b"</x>" * 300
    return genuine().replace(b"<AttachmentEncoded>", b"<AttachmentEncoded>" + deep)


def attribute_twice() -> bytes:
    return genuine().replace(b"<ds:Signature ", b'<ds:Signature Id="a" Id="b" ')


def prefix_taken_away() -> bytes:
    """`ds:` means nothing any more."""
    return genuine().replace(b' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', b"")


# Attachments


def zipped(entries: dict[str, bytes], mutate: Callable[[bytes], bytes] = lambda content: content) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return with_attachment(mutate(packed.getvalue()))


def with_attachment(octets: bytes) -> bytes:
    content = package(attachment=b64(octets))
    typed = b"</ContentId><AttachmentName>x.zip</AttachmentName><ContentType>application/zip</ContentType>"
    return sign(content.replace(b"</ContentId>", typed), signer())


def zip_bomb() -> bytes:
    return zipped({"a.txt": bytes(4 * 1024 * 1024)})


def zip_bomb_that_lies_about_its_size() -> bytes:
    """The table of contents says 1000 octets."""
    size, name = (4 * 1024 * 1024).to_bytes(4, "little"), "11111111-2222-3333-4444-555555555555.zip"
    return zipped({name: bytes(4 * 1024 * 1024)}, lambda packed: packed.replace(size, b"\xe8\x03\0\0"))


def zip_with_a_path_out_of_it() -> bytes:
    return zipped({"../../etc/cron.d/x": b"x"})


def zip_with_an_absolute_path() -> bytes:
    return zipped({"/etc/passwd": b"x"})


def zip_with_one_name_twice() -> bytes:
    return zipped({"a.txt": b"good", "b.txt": b"evil"}, lambda packed: packed.replace(b"b.txt", b"a.txt"))


def zip_with_too_many_entries() -> bytes:
    return zipped({f"{number:04}": b"" for number in range(1200)})


def zip_cut_short() -> bytes:
    return zipped({"a.txt": b"x" * 100}, lambda packed: packed[:-10])


def base64_with_strangers() -> bytes:
    return sign(package(attachment="QW5o*IGNoYW8="), signer())


REFUSED_UNREAD = {
    doctype: "doctype",
    external_entity: "doctype",
    external_dtd: "doctype",
    billion_laughs: "doctype",
    attribute_defaults_from_a_dtd: "doctype",
    undeclared_entity: "entity",
    comment_before_the_root: "comment",
    comment_in_a_text: "comment",
    comment_in_the_signature: "comment",
    comment_after_the_root: "comment",
    instruction_before_the_root: "processing-instruction",
    style_sheet_before_the_root: "not-xml",
    instruction_in_the_header: "processing-instruction",
    instruction_after_the_root: "processing-instruction",
    utf16: "not-utf8",
    utf16_declared_only: "not-utf8",
    utf7_declared: "not-utf8",
    latin1_declared: "not-utf8",
    octets_that_are_not_utf8: "not-utf8",
    overlong_utf8: "not-utf8",
    null_character: "illegal-character",
    trailing_data: "content-after-xml",
    trailing_zeroes: "content-after-xml",
    leading_data: "bytes-before-xml",
    two_declarations: "not-xml",
    namespace_flood: "too-many-namespaces",
    attribute_flood: "too-many-attributes",
    depth: "too-deep",
    attribute_twice: "not-xml",
    prefix_taken_away: "undeclared-prefix",
    zip_bomb: "zip-bomb",
    zip_bomb_that_lies_about_its_size: "zip-unreadable",
    zip_with_a_path_out_of_it: "zip-unsafe-name",
    zip_with_an_absolute_path: "zip-unsafe-name",
    zip_with_one_name_twice: "zip-same-name-twice",
    zip_with_too_many_entries: "zip-bomb",
    zip_cut_short: "zip-unreadable",
    base64_with_strangers: "attachment-base64-broken",
}
