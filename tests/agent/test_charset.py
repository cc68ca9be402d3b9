"""Names in the encodings of the office's devices are read; what is none of them is left as it came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.probes import http
from agent.probes.charset import declared, decoded
from agent.probes.reply import text_of


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("三樓影印機 登入", "big5"),
        ("會議室印表機 Canon iR-ADV C3530", "big5"),
        ("三楼打印机 登录", "gb18030"),
        ("网络摄像机 用户名 密码", "gb2312"),
        ("プリンタの設定", "shift_jis"),
        ("ログイン画面です", "shift_jis"),
        ("三樓影印機", "utf-8"),
        ("25°C 30°C", "latin-1"),
        ("Gerät im Büro für Müller", "latin-1"),
        ("Café", "latin-1"),
        ("Café São Paulo ©2019", "latin-1"),
    ],
)
def test_an_undeclared_text_is_read_in_its_own_encoding(text: str, codec: str) -> None:
    assert text_of(text.encode(codec)) == text


def test_a_page_is_read_as_it_declares() -> None:
    title = "<title>印</title>".encode("big5")  # one character alone would not be guessed
    for page in (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=Big5\r\n\r\n" + title,
        b"HTTP/1.1 200 OK\r\n\r\n<meta charset=big5>" + title,
    ):
        read = http.parse(page)
        assert isinstance(read, http.Page)
        assert ("html_title", "印") in http.describe(read)


def test_a_character_cut_off_spoils_nothing_before_it() -> None:
    assert text_of("三樓印".encode()[:-1]) == "三樓"
    assert text_of("三樓影印機".encode("big5")[:-1]) == "三樓影印"


def test_only_encodings_that_are_texts_can_be_declared() -> None:
    assert declared("text/html; charset=BIG5") == "big5"
    assert declared("text/html; charset=rot13") == declared("charset=none-such") == declared("") == ""


@given(st.binary(max_size=200), st.sampled_from(("", "big5", "gb18030", "shift_jis", "utf-8")))
def test_any_bytes_are_some_text(data: bytes, encoding: str) -> None:
    assert isinstance(decoded(data, encoding), str)
