from __future__ import annotations

import pytest

from dashboard.files import file_name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("almas-tea", "overview", "2026-11-01"), "almas-tea-overview-2026-11-01.csv"),
        (("Über café",), "Uber-cafe.csv"),
        (("../../etc/passwd",), "etc-passwd.csv"),
        (("..\\..\\boot",), "boot.csv"),
        (('a"; filename=b',), "a-filename-b.csv"),
        (("a\r\nSet-Cookie: x=1",), "a-Set-Cookie-x-1.csv"),
        (("東京",), "export.csv"),
        (("",), "export.csv"),
        (("CON",), "CON-file.csv"),
        (("com1",), "com1-file.csv"),
        (("console",), "console.csv"),
        ((".hidden",), "hidden.csv"),
        (("a\x00b",), "a-b.csv"),
    ],
)
def test_names_of_files_are_safe(words: tuple[str, ...], name: str) -> None:
    assert file_name(*words, ending="csv") == name


def test_names_are_not_long() -> None:
    assert len(file_name("x" * 500, ending="xlsx")) <= 130
