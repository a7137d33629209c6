"""What can be wrong with the structure of a package: the kinds that the schemas and the rules find together."""

from __future__ import annotations

from schemas.findings import Kind, Severity
from schemas.text import Sentence

ELEMENT_UNEXPECTED = Kind(
    "element-unexpected",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» không được phép nằm trong «{parent}»; cho phép: {expected}.",
        en="The element “{element}” may not stand in “{parent}”; expected: {expected}.",
    ),
    Sentence(
        vi="Sửa tên phần tử (kiểm tra chính tả và không gian tên) hoặc bỏ phần tử đó.",
        en="Correct the element's name (look at spelling and namespace), or remove it.",
    ),
)
ELEMENT_REPEATED = Kind(
    "element-repeated",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» chỉ được xuất hiện một lần trong «{parent}» nhưng lại có nhiều hơn.",
        en="The element “{element}” may stand only once in “{parent}”, but it stands there more often.",
    ),
    Sentence(
        vi="Chỉ giữ lại một phần tử «{element}» với giá trị đúng.",
        en="Keep one “{element}”, the one with the right value.",
    ),
)
ELEMENT_MISPLACED = Kind(
    "element-misplaced",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» đứng sai thứ tự trong «{parent}»; ở vị trí này cần: {expected}.",
        en="The element “{element}” stands in the wrong order in “{parent}”; expected here: {expected}.",
    ),
    Sentence(
        vi="Sắp xếp các phần tử theo đúng thứ tự của mẫu chuẩn.",
        en="Put the elements in the order of the official form.",
    ),
)
ELEMENT_MISSING = Kind(
    "element-missing",
    Severity.ERROR,
    Sentence(
        vi="Thiếu phần tử bắt buộc «{element}» trong «{parent}».",
        en="The mandatory element “{element}” is missing in “{parent}”.",
    ),
    Sentence(
        vi="Bổ sung phần tử «{element}» với giá trị đúng rồi gửi lại.",
        en="Add the element “{element}” with its value, and send again.",
    ),
)
ELEMENT_EMPTY = Kind(
    "element-empty",
    Severity.ERROR,
    Sentence(
        vi="Phần tử bắt buộc «{element}» trong «{parent}» không có giá trị.",
        en="The mandatory element “{element}” in “{parent}” has no value.",
    ),
    Sentence(
        vi="Điền giá trị cho phần tử «{element}» rồi gửi lại.",
        en="Give the element “{element}” its value, and send again.",
    ),
)
TEXT_UNEXPECTED = Kind(
    "text-unexpected",
    Severity.ERROR,
    Sentence(
        vi="Có văn bản nằm trực tiếp trong «{element}», nơi chỉ được chứa phần tử con.",
        en="There is text directly in “{element}”, where only elements may stand.",
    ),
    Sentence(
        vi="Đưa văn bản vào đúng phần tử con hoặc xóa đi.", en="Move the text into its element, or remove it."
    ),
)
CHILDREN_UNEXPECTED = Kind(
    "children-unexpected",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» chỉ được chứa văn bản nhưng lại có phần tử con.",
        en="The element “{element}” may hold only text, but it holds elements.",
    ),
    Sentence(
        vi="Bỏ các phần tử con, chỉ giữ lại giá trị dạng văn bản.",
        en="Remove the elements inside; keep the text.",
    ),
)
ATTRIBUTE_UNEXPECTED = Kind(
    "attribute-unexpected",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» có thuộc tính không được phép: {got}.",
        en="The element “{element}” has an attribute that it may not have: {got}.",
    ),
    Sentence(vi="Bỏ thuộc tính đó.", en="Remove the attribute."),
)
ATTRIBUTE_MISSING = Kind(
    "attribute-missing",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» thiếu thuộc tính bắt buộc: {expected}.",
        en="The element “{element}” lacks a mandatory attribute: {expected}.",
    ),
    Sentence(vi="Bổ sung thuộc tính đó với giá trị đúng.", en="Add the attribute with its value."),
)
VALUE_WRONG = Kind(
    "value-wrong",
    Severity.ERROR,
    Sentence(
        vi="Giá trị «{got}» của «{element}» không đúng; yêu cầu: {expected}.",
        en="The value “{got}” of “{element}” is wrong; expected: {expected}.",
    ),
    Sentence(
        vi="Sửa giá trị của «{element}» cho đúng yêu cầu.", en="Correct the value of “{element}” as expected."
    ),
)
STRUCTURE_WRONG = Kind(
    "structure-wrong",
    Severity.ERROR,
    Sentence(
        vi="Phần tử «{element}» không đúng lược đồ XML (chi tiết: {detail}).",
        en="The element “{element}” does not fit the XML schema (detail: {detail}).",
    ),
    Sentence(
        vi="So sánh với gói tin mẫu và sửa cấu trúc tại dòng đã nêu.",
        en="Compare with a sample package, and correct the structure at the line named.",
    ),
)
