"""The code tables of ebMS 3.0 and AS4: namespaces, errors, severities."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.text import Text

NAMESPACE = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
SOAP_NAMESPACE = "http://www.w3.org/2003/05/soap-envelope"
EB = f"{{{NAMESPACE}}}"
SOAP = f"{{{SOAP_NAMESPACE}}}"

# Core, 6.7; 03xx are AS4's.
ERRORS: Mapping[str, Text] = {
    "EBMS:0001": Text(vi="Giá trị không nhận ra được", en="Value not recognised"),
    "EBMS:0002": Text(vi="Tính năng không được hỗ trợ", en="Feature not supported"),
    "EBMS:0003": Text(vi="Giá trị không nhất quán", en="Value inconsistent"),
    "EBMS:0004": Text(vi="Lỗi khác", en="Other"),
    "EBMS:0005": Text(vi="Không kết nối được", en="Connection failure"),
    "EBMS:0006": Text(vi="Kênh không có thông điệp", en="Empty message partition channel"),
    "EBMS:0007": Text(vi="Cấu trúc MIME không nhất quán", en="MIME inconsistency"),
    "EBMS:0008": Text(vi="Tính năng không được hỗ trợ khi mở gói", en="Feature not supported in unpackaging"),
    "EBMS:0009": Text(vi="Phần đầu không hợp lệ", en="Invalid header"),
    "EBMS:0010": Text(vi="Không khớp chế độ xử lý", en="Processing mode mismatch"),
    "EBMS:0011": Text(vi="Lỗi tải nội dung bên ngoài", en="External payload error"),
    "EBMS:0101": Text(vi="Xác thực thất bại", en="Failed authentication"),
    "EBMS:0102": Text(vi="Giải mã thất bại", en="Failed decryption"),
    "EBMS:0103": Text(vi="Không tuân thủ chính sách", en="Policy noncompliance"),
    "EBMS:0201": Text(vi="Cơ chế tin cậy trục trặc", en="Dysfunctional reliability"),
    "EBMS:0202": Text(vi="Chuyển không thành công", en="Delivery failure"),
    "EBMS:0301": Text(vi="Thiếu biên nhận", en="Missing receipt"),
    "EBMS:0302": Text(vi="Biên nhận không hợp lệ", en="Invalid receipt"),
    "EBMS:0303": Text(vi="Giải nén thất bại", en="Decompression failure"),
}
SEVERITIES: Mapping[str, Text] = {
    "failure": Text(vi="thất bại", en="failure"),
    "warning": Text(vi="cảnh báo", en="warning"),
}
GZIP = "application/gzip"  # AS4, 3.1: the only compression there is
