"""What a command loads: a start is most of what a short command costs, so this is pinned (issue 2, "Speed and size").

Each command runs as a process of its own; Python itself reports every module it imports (`-X importtime`).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from tests.support.payloads import PAYLOADS
from tests.support.process import environment

# 20 to 200 milliseconds each; a command that only reads the store has no business with any of them.
NEVER = {
    "pydantic", "sqlite_utils", "urllib3", "http.client", "ssl", "phonenumbers", "asyncio", "dateutil", "starlette",
    "uvicorn", "anyio", "httpx", "requests", "importlib.metadata", "segno", "tomlkit", "keyring", "pip", "tabulate",
    "email", "wacli.cloudapi.client", "wacli.cloudapi.transport", "wacli.sandbox", "wacli.store.migrations",
    "wacli.store.intake", "hmac",
}  # fmt: skip
READING = [
    ("threads", "--json"),
    ("threads", "--all", "--format", "plain"),
    ("threads", "--format", "csv"),
    ("threads", "--format", "table"),
    ("threads", "--json", "--at", "2026-11-18T12:00Z"),
    ("thread", "#1", "--json"),
    ("thread", "#1", "--format", "table"),
    ("can", "#1", "--json"),
    ("can", "#1", "--format", "table"),
    ("can", "+6281355500101", "--json"),
    ("can", "ID.9000000000000000101", "--json"),
    ("contacts", "list", "--json"),
    ("contacts", "show", "#1", "--json"),
    ("templates", "list", "--json"),
    ("spend", "--json"),
    ("spend", "by", "contact", "--format", "table"),
    ("allowance", "--json"),
    ("reconcile", "--offline", "--json"),
    ("db", "path"),
    ("--help",),
    ("threads", "--help"),
    ("--version",),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine with a store that is up to date."""
    made = tmp_path_factory.mktemp("machine")
    assert FrontDoor(made)("ingest", str(PAYLOADS)).status == 0
    return made


def loaded(folder: Path, *argv: str) -> set[str]:
    """Every module that `wacli ARGV` imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "wacli", *argv],
        env=environment(folder, PYTHONDONTWRITEBYTECODE="1"),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in (0, 10, 11, 12), done.stderr[-2_000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines}


def of(names: set[str], packages: set[str]) -> set[str]:
    """Those of the names that are, or are inside, one of the packages."""
    return {name for name in names if any(name == one or name.startswith(one + ".") for one in packages)}


@pytest.mark.parametrize("argv", READING, ids=lambda argv: " ".join(argv))
def test_a_reading_command_loads_nothing_heavy(folder: Path, argv: tuple[str, ...]) -> None:
    found = loaded(folder, *argv)
    assert of(found, NEVER) == set()
    if "table" not in argv:
        assert of(found, {"rich"}) == set()


def test_the_board_loads_neither_the_address_book_nor_what_notifications_say(folder: Path) -> None:
    found = loaded(folder, "threads", "--json")
    assert (
        of(found, {"wacli.store.contacts", "wacli.store.parties", "wacli.domain.event", "wacli.services.people"})
        == set()
    )


WORDLESS = [("threads", "--json"), ("threads", "--fields", "name"), ("contacts", "list", "--json"),
            ("contacts", "show", "#1", "--json"), ("thread", "#1", "--json")]  # fmt: skip


@pytest.mark.parametrize("argv", WORDLESS, ids=lambda argv: " ".join(argv))
def test_machine_forms_need_no_locale(folder: Path, argv: tuple[str, ...]) -> None:
    assert of(loaded(folder, *argv), {"babel"}) == set()


def test_the_line_editor_is_for_a_chat_on_a_terminal_alone(folder: Path) -> None:
    editor = {"prompt_toolkit", "asyncio", "rich.live"}
    heavy = editor | {"urllib3", "sqlite_utils", "phonenumbers", "rich", "babel"}
    assert of(loaded(folder, "chat", "#1", "--format", "ndjson"), heavy) == set()
    for argv in (("chat", "--help"), ("watch", "--help"), ("quick", "list", "--json"), ("today", "--help")):
        assert of(loaded(folder, *argv), heavy) == set()
    assert of(loaded(folder, "today", "--json"), editor) == set()


def test_the_version_loads_next_to_nothing(folder: Path) -> None:
    found = loaded(folder, "--version")
    assert of(found, {"wacli"}) <= {"wacli", "wacli.__main__"}
    assert of(found, {"typer", "rich", "babel", "sqlite3", "json", "datetime", "gettext"}) == set()


def test_help_opens_no_store_and_no_prices(folder: Path) -> None:
    found = loaded(folder, "--help")
    assert of(found, {"sqlite3", "wacli.store", "wacli.ratecards", "wacli.services", "tomllib", "babel"}) == set()
    assert not [name for name in found if name.startswith("wacli.cli.commands.")]


def test_an_ordinary_ingest_loads_no_network_and_no_screen(folder: Path) -> None:
    found = loaded(folder, "ingest", str(PAYLOADS / "messages" / "text.json"), "--json")
    assert of(found, (NEVER - {"wacli.store.intake"}) | {"rich", "babel"}) == set()


def test_a_dry_run_of_a_reply_loads_no_client(folder: Path) -> None:
    found = loaded(folder, "reply", "--help")
    assert of(found, {"urllib3", "http.client", "ssl", "wacli.cloudapi.client"}) == set()


def test_typer_is_the_last_one_without_pydantic() -> None:
    """0.29 made pydantic a hard dependency and doubles the start of every command: see pyproject.toml."""
    root = Path(__file__).resolve().parents[1]
    assert '"typer>=0.28.0,<0.29"' in (root / "pyproject.toml").read_text(encoding="utf-8")
