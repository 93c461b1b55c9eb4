"""Forms with files are read to the byte, and whatever is no such form is refused."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.web.multipart import PARTS_MAX, Part, Unreadable, parts

TYPE = "multipart/form-data; boundary=b"


def sent(data: dict[str, str], files: dict[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    """What a client makes of a form."""
    request = httpx.Request("POST", "https://portal.example/", data=data, files=files)
    return request.headers["content-type"], request.read()


@given(st.binary(max_size=300), st.text(max_size=30))
def test_what_is_sent_comes_out_to_the_byte(body: bytes, text: str) -> None:
    found = parts(*sent({"kind": text}, {"sheet": ("pegawai.xlsx", body + b"\r\n--" + body)}))
    assert found == [Part("kind", text.encode()), Part("sheet", body + b"\r\n--" + body, "pegawai.xlsx")]


def test_an_empty_field_and_a_file_that_was_not_chosen_are_there() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--b\r\n'
    body += b'Content-Disposition: form-data; name="f"; filename=""\r\nContent-Type: x/y\r\n\r\n\r\n--b--\r\n'
    assert parts(TYPE, body) == [Part("a", b""), Part("f", b"", "")]
    assert parts(TYPE, b"preamble\r\n--b--") == []


ONE = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", ONE + b"--b--"),
        ("multipart/form-data", ONE + b"--b--"),
        (f"multipart/form-data; boundary={'b' * 71}", b""),
        (TYPE, b""),
        (TYPE, b"--c\r\n"),
        (TYPE, ONE),
        (TYPE, ONE + b"--b\r\n"),
        (TYPE, ONE * (PARTS_MAX + 1) + b"--b--"),
        (TYPE, b"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--"),
        (TYPE, b"--b\r\nX: " + b"y" * 5000 + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--'),
    ],
)
def test_what_is_no_such_form_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        parts(content_type, body)
