from __future__ import annotations

import re
from typing import Any

NONCE = re.compile(r"script-src 'self' 'nonce-([^']+)'")


def nonce_of(answer: Any) -> str:
    found = NONCE.search(answer.headers["Content-Security-Policy"])
    assert found is not None
    return found[1]


def test_every_inline_script_carries_this_answers_nonce(ann: Any, stranger: Any) -> None:
    for answer in (ann.get("/"), stranger.get("/signin"), ann.get("/explore?country=DE")):
        inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.text)
        assert inline
        assert all(f'nonce="{nonce_of(answer)}"' in attributes for attributes in inline)


def test_no_two_answers_share_a_nonce(ann: Any) -> None:
    assert len({nonce_of(ann.get("/")) for _ in range(5)}) == 5


def test_the_policy_lets_in_nothing_from_elsewhere(ann: Any) -> None:
    policy = ann.get("/").headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    script = policy.split(";")[0]
    assert "unsafe" not in script
    assert "http" not in policy.replace("http-equiv", "")


def test_a_page_names_no_other_machine(ann: Any) -> None:
    text = ann.get("/").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(addresses) > 10
    assert all(address.startswith("/") for address in addresses)


def test_fingerprinted_files_are_kept_for_good(ann: Any, stranger: Any) -> None:
    text = ann.get("/").text
    files = re.findall(r'"(/assets/[^"]+\?v=[0-9a-f]{12})"', text)
    files += re.findall(r'"(/_dash-component-suites/[^"]+)"', text)
    assert len(files) > 8
    for name in files:
        with ann.get(name) as kept:
            assert kept.status_code == 200, name
            assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable", name
    with stranger.get(files[0]) as sheet:
        assert sheet.status_code == 200, "the sign-in page needs them too"


def test_answers_with_figures_are_never_kept(ann: Any) -> None:
    for path in ("/", "/api/analytics/versions", "/_dash-layout"):
        assert ann.get(path).headers["Cache-Control"] == "no-store", path


def test_answers_travel_packed(ann: Any) -> None:
    for wanted, packed in (("br, gzip", "br"), ("gzip", "gzip")):
        answer = ann.get("/_dash-layout", headers={"Accept-Encoding": wanted})
        assert answer.headers["Content-Encoding"] == packed


def test_an_unknown_page_is_a_404_in_the_same_shell(ann: Any) -> None:
    answer = ann.get("/nowhere")
    assert answer.status_code == 404
    assert "_dash-renderer" in answer.text


def test_the_page_asks_for_charts_early_and_for_nothing_that_it_does_not_use(ann: Any) -> None:
    text = ann.get("/").text
    assert re.search(r'<link rel="preload" as="script" href="/assets/vendor/plotly[^"]+">', text)
    assert "/dash_html_components" in text
    assert "/dash/dash_table/" not in text
