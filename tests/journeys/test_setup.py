"""`wacli setup`: from a token to a number that works, with as few questions as possible and no token anywhere."""

from __future__ import annotations

import getpass
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.account import TOKEN, account_at_meta, by_name, connect
from tests.support.front_door import FrontDoor
from tests.support.typing_person import typed
from wacli.sandbox.book import BusinessNumber, Grant
from wacli.sandbox.sandbox import Sandbox
from wacli.store import numbers
from wacli.store.database import connect_readonly, open_store

KEYS = [
    "profile", "kind", "phone_number_id", "waba_id", "country", "time_zone", "currency", "config_file", "token_from",
    "is_default", "is_subscribed", "is_saved", "dry_run", "missing", "next", "checks",
]  # fmt: skip


@pytest.fixture
def meta() -> Iterator[Sandbox]:
    with account_at_meta() as sandbox:
        yield sandbox


def settings(door: FrontDoor) -> dict[str, str | None]:
    return {row["key"]: row["value"] for row in door("config", "list", "--json").json}


def all_files(folder: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file()}


def test_a_token_alone_is_enough(wacli: FrontDoor, meta: Sandbox, tmp_path: Path) -> None:
    outcome = connect(wacli, meta, "--json")
    assert outcome.status == 0, outcome.err
    assert list(outcome.json) == KEYS
    made = outcome.json
    assert (made["waba_id"], made["phone_number_id"]) == (meta.account.waba_id, meta.number.id)
    assert (made["country"], made["currency"]) == ("ID", "USD")
    assert (made["is_saved"], made["is_default"], made["is_subscribed"], made["missing"]) == (True, True, True, [])
    assert {row["result"] for row in made["checks"]} == {"ok"}
    assert settings(wacli)["waba_id"] == meta.account.waba_id
    secret = tmp_path / "config" / "secrets" / "shop.token"
    assert secret.read_text("utf-8") == f"{TOKEN}\n"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert (tmp_path / "shop.db").exists()
    assert wacli("templates", "pull").status == 0


def test_the_token_is_in_its_file_and_nowhere_else(wacli: FrontDoor, meta: Sandbox, tmp_path: Path) -> None:
    said = []
    for argv in (("--debug",), ("--json", "--debug"), ("--format", "table", "--debug")):
        outcome = connect(wacli, meta, *argv)
        said.append(outcome.out + outcome.err)
    meta.account.grant = Grant(expires_at=meta.clock.now())
    outcome = wacli("setup", "--json", "--debug")
    said.append(outcome.out + outcome.err)
    assert outcome.status == 5
    assert not any(TOKEN in text for text in said)
    assert [path.name for path, text in all_files(tmp_path).items() if TOKEN in text] == ["shop.token"]


def test_a_token_from_a_file_a_command_or_the_environment(wacli: FrontDoor, meta: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "t.txt"
    file.write_text(f"  {TOKEN}\n", "utf-8")
    base = ("--api-base", str(meta.base_url), "--json")
    one = wacli("setup", "--name", "one", "--token-file", str(file), *base)
    assert one.json["token_from"].endswith("one.token")
    two = wacli("setup", "--name", "two", "--token-command", f"cat '{file}'", *base)
    assert two.json["token_from"] == "command"
    three = wacli("setup", "--name", "three", *base, environment={"WACLI_TOKEN": TOKEN})
    assert three.json["token_from"] == "environment"
    assert sorted(path.name for path in (tmp_path / "config" / "secrets").iterdir()) == ["one.token"]
    four = wacli("setup", "--name", "four", *base, stdin=TOKEN.encode())  # piped, and nothing else was said
    assert four.json["token_from"].endswith("four.token")


@pytest.mark.parametrize(
    ("argv", "status", "code"),
    [
        (("--name", "shop"), 2, "no-token"),
        (("--name", "../x", "--token-file", "-"), 2, "bad-profile-name"),
        (("--token-file", "/nonexistent/t"), 2, "token-file"),
        (("--token-file", "-", "--token-command", "cat x"), 2, "two-tokens"),
        (("--kind", "fax"), 2, "config-value"),
        (("--country", "Indonesia"), 2, "config-value"),
        (("--time-zone", "Asia/Djakarta"), 2, "config-value"),
        (("--waba-id", "12x"), 2, "config-value"),
        (("--token-command", "false"), 6, "token-command"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    wacli: FrontDoor, meta: Sandbox, tmp_path: Path, argv: tuple[str, ...], status: int, code: str
) -> None:
    stdin = TOKEN.encode() if "-" in argv else b""
    assert "config.toml" not in wacli("setup", *argv, stdin=stdin).err  # nothing of it stands in the file
    outcome = wacli("setup", *argv, "--api-base", str(meta.base_url), "--json", "--no-input", stdin=stdin)
    assert (outcome.status, outcome.error["code"]) == (status, code)
    assert all_files(tmp_path) == {}


def test_a_wrong_token_is_refused_with_metas_words_for_who_looks(
    wacli: FrontDoor, meta: Sandbox, tmp_path: Path
) -> None:
    argv = ("setup", "--token-file", "-", "--api-base", str(meta.base_url))
    outcome = wacli(*argv, "--json", stdin=b"EAAwrong")
    assert outcome.status == 5
    assert outcome.error["code"] == "api-190"
    assert outcome.error["details"]["fbtrace_id"]
    assert "wacli setup" in outcome.error["hint"]
    debugged = wacli(*argv, "--debug", stdin=b"EAAwrong")
    assert "  code: 190" in debugged.err
    assert "  fbtrace_id: A" in debugged.err
    assert "EAAwrong" not in debugged.err
    assert all_files(tmp_path) == {}


def test_a_wrong_id_is_answered_with_the_right_ones(wacli: FrontDoor, meta: Sandbox, tmp_path: Path) -> None:
    account = connect(wacli, meta, "--waba-id", "123", "--phone-number-id", meta.number.id, "--json")
    assert account.status == 5
    assert f"--waba-id {meta.account.waba_id}" in account.error["hint"]
    number = connect(wacli, meta, "--phone-number-id", "456", "--json")
    assert number.status == 5
    assert f"--phone-number-id {meta.number.id}" in number.error["hint"]
    assert all_files(tmp_path) == {}
    for_people = connect(wacli, meta, "--phone-number-id", "456", "--format", "table")
    assert "was not saved" in for_people.out
    assert "FAILED" in for_people.out


def test_a_number_of_another_account_is_refused(wacli: FrontDoor, meta: Sandbox) -> None:
    other = meta.add_account("Another", "+62 811-9", "EAA-other", "secret")
    elsewhere = connect(wacli, meta, "--waba-id", other.waba_id, "--phone-number-id", meta.number.id, "--json")
    assert (elsewhere.status, elsewhere.error["code"]) == (5, "api-100")
    theirs = connect(wacli, meta, "--phone-number-id", other.numbers[0].id, "--json")
    assert theirs.status == 5
    assert f"--phone-number-id {meta.number.id}" in theirs.error["hint"]


def test_a_missing_permission_is_named(wacli: FrontDoor, meta: Sandbox) -> None:
    meta.account.grant = Grant(scopes=("whatsapp_business_management",))
    outcome = connect(wacli, meta, "--json")
    assert outcome.status == 5
    assert outcome.error["code"] == "setup-check-failed"
    assert "whatsapp_business_messaging" in outcome.error["message"]
    assert "system user" in outcome.error["hint"]


def test_several_numbers_need_a_choice(wacli: FrontDoor, meta: Sandbox) -> None:
    meta.account.numbers.append(BusinessNumber("1000000000000077", "+62 811-77", "Second"))
    outcome = connect(wacli, meta, "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "which-number")
    assert "1000000000000077" in outcome.error["message"]
    assert connect(wacli, meta, "--phone-number-id", "1000000000000077").status == 0
    assert settings(wacli)["phone_number_id"] == "1000000000000077"


def test_a_token_that_may_not_be_inspected_needs_the_account(wacli: FrontDoor, meta: Sandbox) -> None:
    meta.account.grant = Grant(is_inspectable=False)
    outcome = connect(wacli, meta, "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "which-account")
    told = connect(wacli, meta, "--waba-id", meta.account.waba_id, "--json")
    assert told.status == 0
    checks = by_name(told.json["checks"])
    assert checks["token"]["result"] == "ok"
    assert checks["token-expiry"]["result"] == checks["permissions"]["result"] == "unknown"


def test_the_webhook_is_subscribed_only_when_it_is_wanted(wacli: FrontDoor, meta: Sandbox) -> None:
    meta.account.is_subscribed = False
    left = connect(wacli, meta, "--json")
    assert left.status == 0
    assert left.json["is_subscribed"] is False
    webhook = by_name(left.json["checks"])["webhook"]
    assert webhook["result"] == "fail"
    assert webhook["next"].endswith("wacli -p shop setup --subscribe")
    assert not meta.account.is_subscribed
    done = wacli("-p", "shop", "setup", "--subscribe", "--json")
    assert done.json["is_subscribed"] is True
    assert by_name(done.json["checks"])["webhook"]["result"] == "ok"
    assert meta.account.is_subscribed


def test_a_dry_run_asks_nobody_and_writes_nothing(wacli: FrontDoor, tmp_path: Path) -> None:
    outcome = wacli("setup", "--name", "cafe", "--waba-id", "12", "--token-command", "false", "--dry-run", "--json")
    assert outcome.status == 0
    assert outcome.json["dry_run"] is True
    assert (outcome.json["waba_id"], outcome.json["is_saved"]) == ("12", False)
    assert "phone_number_id" in outcome.json["missing"]
    assert all_files(tmp_path) == {}


def test_without_asking_meta(wacli: FrontDoor) -> None:
    argv = ("--name", "shop", "--waba-id", "12", "--phone-number-id", "34", "--no-check", "--json")
    outcome = wacli("setup", *argv, stdin=TOKEN.encode())
    assert outcome.status == 0
    assert outcome.json["checks"] == []
    assert outcome.json["is_subscribed"] is None
    assert any("doctor" in line for line in outcome.json["next"])


def test_the_server_that_cannot_be_reached_is_another_matter(wacli: FrontDoor, tmp_path: Path) -> None:
    outcome = wacli(
        "setup", "--token-file", "-", "--api-base", "http://127.0.0.1:1", "--json", stdin=TOKEN.encode()
    )  # fmt: skip
    assert outcome.status == 6
    assert all_files(tmp_path) == {}


def test_a_new_token_keeps_the_rest(wacli: FrontDoor, meta: Sandbox, tmp_path: Path) -> None:
    connect(wacli, meta)
    path = tmp_path / "config" / "config.toml"
    path.write_text("# my shop\n" + path.read_text("utf-8").replace("Asia/Jakarta", "Asia/Makassar"), "utf-8")
    meta.account.token = "EAAG-the-next-one"
    assert wacli("doctor").status == 1
    renewed = wacli("setup", "--token-file", "-", "--json", stdin=b"EAAG-the-next-one\n")
    assert renewed.status == 0
    assert renewed.json["time_zone"] == "Asia/Makassar"
    assert path.read_text("utf-8").startswith("# my shop\n")
    assert wacli("doctor").status == 0


def test_a_kept_token_takes_the_place_of_a_command(wacli: FrontDoor, meta: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "t.txt"
    file.write_text(TOKEN, "utf-8")
    base = ("--api-base", str(meta.base_url))
    wacli("setup", "--name", "shop", "--token-command", f"cat {file}", *base)
    assert settings(wacli)["token_command"] == f"cat {file}"
    connect(wacli, meta)
    assert settings(wacli)["token_command"] is None
    file.unlink()
    assert wacli("doctor").status == 0


def test_practising_needs_no_account(wacli: FrontDoor) -> None:
    outcome = wacli("setup", "--kind", "sandbox", "--json")
    assert outcome.status == 0
    assert outcome.json["kind"] == "sandbox"
    assert "wacli sandbox" in outcome.json["next"][0]
    assert wacli("profiles", "show", "--json").json["app_secret_from"] is not None  # so that `wacli listen` starts
    assert settings(wacli)["api_base"] == "http://127.0.0.1:4400"
    real = wacli("setup", "--kind", "phone-app", "--country", "ID", "--json")
    assert real.json["profile"] == "shop"  # the same name: it was asked for by its kind alone


def test_a_practising_default_is_not_turned_into_a_real_one(wacli: FrontDoor, meta: Sandbox) -> None:
    wacli("setup", "--name", "demo", "--kind", "sandbox")
    outcome = wacli(
        "setup", "--token-file", "-", "--api-base", str(meta.base_url), "--json", stdin=f"{TOKEN}\n".encode()
    )
    assert outcome.json["profile"] == "shop"
    assert outcome.json["is_default"] is False
    assert outcome.json["next"][-1].startswith("wacli profiles use shop")
    assert [row["kind"] for row in wacli("profiles", "list", "--json").json] == ["sandbox", "cloud-api"]


def test_the_phone_app_needs_neither_token_nor_ids(wacli: FrontDoor, tmp_path: Path) -> None:
    outcome = wacli("-p", "cafe", "setup", "--kind", "phone-app", "--country", "ID", "--no-input", "--json")
    assert outcome.status == 0
    assert outcome.json["missing"] == ["time_zone"]
    assert outcome.json["token_from"] is None
    assert not (tmp_path / "config" / "secrets").exists()
    assert (tmp_path / "shop.db").exists()


def test_the_questions(wacli: FrontDoor, meta: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    meta.account.numbers.append(BusinessNumber("1000000000000077", "+62 811-77", "Second"))
    meta.account.is_subscribed = False
    asked: list[str] = []

    def secret(prompt: str) -> str:
        asked.append(prompt)
        return TOKEN

    monkeypatch.setattr(getpass, "getpass", secret)
    outcome, left = typed(
        wacli, "setup", "--api-base", str(meta.base_url),
        answers=["bad name", "melati", "7", "1", "2", "y", "", "Asia/Djakarta", "Asia/Jakarta"],
        environment={"TZ": "Asia/Makassar"},
    )  # fmt: skip
    assert outcome.status == 0, outcome.err
    assert left == []
    assert len(asked) == 1
    assert "not shown" in asked[0]
    assert "bad name: use letters" in outcome.err
    assert "Type a number from 1 to 3" in outcome.err
    assert "[ID]" in outcome.err
    assert "[Asia/Makassar]" in outcome.err
    assert "Profile melati is saved" in outcome.out
    assert TOKEN not in outcome.out + outcome.err
    made = settings(wacli)
    assert (made["phone_number_id"], made["country"], made["time_zone"]) == ("1000000000000077", "ID", "Asia/Jakarta")
    assert meta.account.is_subscribed


def test_enter_keeps_the_token_there_is(wacli: FrontDoor, meta: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(wacli, meta)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "")
    outcome, left = typed(wacli, "-p", "shop", "setup", answers=[])
    assert outcome.status == 0, outcome.err
    assert left == []
    assert "kept" in outcome.out


def test_answers_that_end_too_early_are_no_accident(wacli: FrontDoor, tmp_path: Path) -> None:
    outcome, _ = typed(wacli, "setup", "--json", answers=["shop"])
    assert (outcome.status, outcome.error["code"]) == (2, "no-answer")
    assert all_files(tmp_path) == {}


def test_a_number_that_is_not_registered_yet_is_saved_and_named(wacli: FrontDoor, meta: Sandbox) -> None:
    meta.number.status = "PENDING"
    outcome = connect(wacli, meta, "--json")
    assert (outcome.status, outcome.json["is_saved"]) == (0, True)
    number = by_name(outcome.json["checks"])["number"]
    assert number["result"] == "fail"
    assert "Register the number" in number["next"]


def test_the_number_is_known_by_its_own_digits(wacli: FrontDoor, meta: Sandbox, tmp_path: Path) -> None:
    """Whoever is about to write to real people reads which number does it, before anything ever came in."""
    assert connect(wacli, meta).status == 0
    store_path = tmp_path / "shop.db"
    with connect_readonly(store_path) as store:
        (number,) = numbers.list_numbers(store)
    assert (number.phone_number_id, number.display_phone_number) == (meta.number.id, meta.number.digits)
    with open_store(store_path, create=False) as store, store.transaction() as connection:
        connection.execute("UPDATE numbers SET display_phone_number = NULL")  # as a send before this was known left it
    assert wacli("doctor").status == 0
    with connect_readonly(store_path) as store:
        assert [one.display_phone_number for one in numbers.list_numbers(store)] == [meta.number.digits]
