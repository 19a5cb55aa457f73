"""The command line in this process, on a data folder of the test, and a gift shop's file."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.settings import SETTINGS
from commands.line import main

GIFTS = "\n".join(
    (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        # Two lines of one order: 15.30 + 6.78.
        "536365,85123A,WHITE HEART,6,12/1/2010 8:26,2.55,17850,United Kingdom",
        "536365,71053,LANTERN,2,12/1/2010 8:26,3.39,17850,United Kingdom",
        # An order with goods for 15.00 and postage of 18.00.
        "536370,POST,POSTAGE,1,12/1/2010 8:45,18.00,12583,France",
        "536370,22728,CLOCK,4,12/1/2010 8:45,3.75,12583,France",
        # 5.10 go back the day after.
        "C536400,85123A,WHITE HEART,-2,12/2/2010 10:00,2.55,17850,United Kingdom",
        # A product whose name a spreadsheet would run.
        "536500,99999,=1+1,1,12/3/2010 9:00,10.00,,EIRE",
        # A quantity that is no number.
        "536501,22222,BROKEN,some,12/3/2010 9:30,1.00,,EIRE",
        "",
    )
)
"""Net sales 41.98 (15.30 + 6.78 + 15.00 - 5.10 + 10.00), shipping 18.00, 3 orders, 1 rejected."""

FOR_GIFTS = ("--shop", "Gift Shop", "--currency", "GBP", "--timezone", "Europe/London")
DAYS = "from=2010-12-01&to=2010-12-03&cmp=none"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@dataclass(frozen=True)
class Line:
    """`run` one command with the environment of the test and what is typed into it."""

    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, typed: str = "", **environ: str) -> Said:
        with self.patch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(typed))
            for name, value in environ.items():
                patch.setenv(name, value)
            self.capsys.readouterr()
            try:
                code = main(words)
            except SystemExit as end:
                code = int(end.code or 0)
            out, err = self.capsys.readouterr()
        return Said(code, out, err)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh data folder; no setting of the machine counts, nor a .env file beside the code."""
    for row in SETTINGS:
        monkeypatch.delenv(row.name, raising=False)
        monkeypatch.delenv(f"{row.name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEMO", "no")
    return tmp_path / "data"


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Run:
    return Line(monkeypatch, capsys)


@pytest.fixture
def gifts(tmp_path: Path) -> Path:
    path = tmp_path / "gifts.csv"
    path.write_text(GIFTS)
    return path


@pytest.fixture
def gift_shop(run: Run, gifts: Path) -> Said:
    """The shop, imported; what the command said."""
    done = run("import", str(gifts), "--format", "online-retail", *FOR_GIFTS)
    assert done.code == 0, done.err
    return done


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
