"""`wacli estimate --recipients FILE`: rejected rows on stderr with their lines, --rejects FILE, status 7, progress."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.support.front_door import NOW, FrontDoor
from wacli.cli.context import Context
from wacli.cli.progress import ProgressBar
from wacli.cli.session import Session
from wacli.domain.text import t

TODAY = ("--on", "2026-11-22")
MIXED = b"name,phone\nSari,+62 812-3456-7890\nBudi,none\nAna,0062 812 3456 7891\nJo,+1 809 555 0123\nX,12\n"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_bytes(MIXED)
    return file


def test_rejected_rows_go_to_stderr_and_the_rest_is_counted(wacli: FrontDoor, people: Path) -> None:
    outcome = wacli("estimate", "--recipients", str(people), "--category", "marketing", *TODAY, "--json")
    assert outcome.status == 7
    assert outcome.json["total"] == "0.1562"  # 2 x 0.0411 + 0.0740
    assert outcome.json["recipients"] == {"row_count": 5, "rejected_count": 2}
    assert outcome.err.splitlines() == [
        "line 3: none is not a phone number",
        "line 6: 12 is not a phone number",
        "2 of 5 rows are no recipients",
    ]


def test_a_clean_file_is_done(wacli: FrontDoor, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"phone\n+6281234567890\n+6281234567891\n")
    outcome = wacli("estimate", "--recipients", str(file), "--category", "marketing", *TODAY, "--json")
    assert (outcome.status, outcome.err, outcome.json["total"]) == (0, "", "0.0822")


def test_standard_input_and_a_named_column(wacli: FrontDoor) -> None:
    argv = ("estimate", "--recipients", "-", "--column", "nomor", "--category", "utility", *TODAY, "--json")
    outcome = wacli(*argv, stdin=b"nama;nomor\nSari;+6281234567890\n")
    assert (outcome.status, outcome.json["message_count"]) == (0, 1)


def test_local_numbers_belong_to_the_profiles_country(wacli: FrontDoor) -> None:
    argv = ("estimate", "--recipients", "-", "--category", "utility", *TODAY, "--json")
    assert wacli(*argv, stdin=b"phone\n0812-3456-7890\n").status == 2  # nobody knows which country
    wacli("profiles", "add", "shop", "--country", "ID")
    assert wacli(*argv, stdin=b"phone\n0812-3456-7890\n").json["lines"][0]["market"] == "Indonesia"


def test_rejects_are_kept_in_a_file(wacli: FrontDoor, people: Path, tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    argv = ("estimate", "--recipients", str(people), "--category", "marketing", *TODAY)
    outcome = wacli(*argv, "--rejects", str(target))
    assert outcome.status == 7
    assert target.read_text("utf-8").splitlines() == [
        "line,text,reason",
        "3,none,none is not a phone number",
        "6,12,12 is not a phone number",
    ]
    assert f"see {target}" in outcome.err
    before = people.read_bytes()
    assert wacli(*argv, "--rejects", str(people)).status == 2
    assert people.read_bytes() == before
    assert wacli(*argv, "--rejects", str(tmp_path / "no" / "folder.csv")).status == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["people.csv", "rejects.csv"]


def test_formulas_in_rejects_are_guarded(wacli: FrontDoor, tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    content = b"phone\n=1+cmd\n+6281234567890\n"
    wacli("estimate", "--recipients", "-", "--category", "utility", "--rejects", str(target), stdin=content)
    assert "2,'=1+cmd," in target.read_text("utf-8")


def test_a_terminal_gets_a_screenful_of_rejects_and_a_log_all(wacli: FrontDoor, terminal: FrontDoor) -> None:
    content = b"phone\n" + b"bad\n" * 50 + b"+6281234567890\n"
    argv = ("estimate", "--recipients", "-", "--category", "utility", *TODAY)
    said = terminal(*argv, stdin=content).err.splitlines()
    assert len(said) == 22
    assert said[-2:] == ["30 more: --rejects FILE", "50 of 51 rows are no recipients"]
    assert len(wacli(*argv, stdin=content).err.splitlines()) == 51


@pytest.mark.parametrize(
    ("content", "argv", "code", "shown"),
    [
        (b"a,b\n1,2\n", (), "no-column", "stdin, line 1: there is no column phone; there are: a, b"),
        (b"phone\n1\n", ("--column", "nomor"), "no-column", "there is no column nomor"),
        (b"phone\n+6281234567890\n\xe9\n", (), "bad-encoding", "stdin, line 3: not UTF-8 text"),
        (b"", (), "empty-file", "stdin is empty"),
        (b"phone\nnone\nneither\n", (), "no-recipients", "not one of its rows is a phone number"),
    ],
)
def test_files_that_cannot_be_read(
    wacli: FrontDoor, content: bytes, argv: tuple[str, ...], code: str, shown: str
) -> None:
    outcome = wacli("estimate", "--recipients", "-", "--category", "utility", *argv, "--json", stdin=content)
    assert (outcome.status, outcome.out, outcome.error["code"]) == (2, "", code)
    assert shown in outcome.error["message"]


def test_no_rows_are_an_answer(wacli: FrontDoor, terminal: FrontDoor) -> None:
    argv = ("estimate", "--recipients", "-", "--category", "utility", *TODAY)
    outcome = wacli(*argv, "--json", stdin=b"phone\n")
    assert (outcome.status, outcome.json["total"], outcome.json["lines"]) == (0, "0.00", [])
    assert "No messages, no cost" in terminal(*argv, stdin=b"phone\n").out


class _Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def _bar(*, is_terminal: bool, quiet: bool = False) -> tuple[ProgressBar, io.StringIO, _Clock]:
    err, clock = io.StringIO(), _Clock()
    context = Context(
        out=io.StringIO(), err=err, stdin=io.BytesIO, environment={}, now=lambda: NOW, out_is_terminal=False,
        err_is_terminal=is_terminal, in_is_terminal=False, width=60,
    )  # fmt: skip
    session = Session(context)
    session.options.quiet = quiet
    session.options.lang = "en"
    return ProgressBar(session, t("Counting recipients"), clock), err, clock


def test_a_bar_comes_after_a_second_and_goes_away() -> None:
    bar, err, clock = _bar(is_terminal=True)
    clock.seconds = 0.9
    bar.step(10, 100)
    assert err.getvalue() == ""
    clock.seconds = 1.0
    bar.step(50, 100)
    assert err.getvalue() == "\r\x1b[KCounting recipients [############............]  50%"
    clock.seconds = 1.05
    bar.step(51, 100)
    bar.clear()
    assert err.getvalue().endswith("50%\r\x1b[K")


def test_no_bar_without_a_terminal_or_with_quiet() -> None:
    for is_terminal, quiet in ((False, False), (True, True)):
        bar, err, clock = _bar(is_terminal=is_terminal, quiet=quiet)
        clock.seconds = 9.0
        bar.step(1, 2)
        bar.clear()
        assert err.getvalue() == ""
