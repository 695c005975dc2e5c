"""Template files through the front door, against the sandbox over loopback: export, diff, lint, push, the limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.demo_shop import DemoShop, demo_shop
from tests.support.front_door import FrontDoor
from tests.support.transport import Answer, Expected, Request, ScriptedServer
from wacli.cli.commands import template_files
from wacli.cli.config_file import set_value

THANKS = """\
name: thanks
language: id
category: utility
body: Terima kasih {{name}}, pesanan {{order}} sudah kami terima.
footer: Toko Bunga Melati
buttons:
  - reply: Yes
examples:
  name: Sari
  order: A-104
"""


@pytest.fixture
def shop(wacli: FrontDoor) -> Iterator[DemoShop]:
    with demo_shop(wacli) as shop:
        shop.done("templates", "pull")
        yield shop


@pytest.fixture
def thanks(tmp_path: Path) -> Path:
    return write(tmp_path, THANKS)


def write(folder: Path, text: str, name: str = "thanks.id.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def push(shop: DemoShop, path: Path, *more: str) -> Any:
    return shop.json("templates", "push", str(path), "--yes", *more)


def approve(shop: DemoShop) -> None:
    """Meta's review takes thirty seconds here."""
    shop.advance(timedelta(seconds=31))


def listed(shop: DemoShop, name: str) -> dict[str, Any]:
    row: dict[str, Any] = next(one for one in shop.json("templates", "list") if one["name"] == name)
    return row


# --- export and diff ------------------------------------------------------------------------------------------------


def test_what_was_exported_is_the_same_as_what_meta_has(shop: DemoShop, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    shop.done("templates", "export", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == [
        "login_code.id.yaml", "order_ready.id.yaml", "promo_weekend.id.yaml",
    ]  # fmt: skip
    rows = shop.json("templates", "diff", str(folder))
    assert [(row["name"], row["change"], row["lines"]) for row in rows] == [
        ("login_code", "same", []), ("order_ready", "same", []), ("promo_weekend", "same", []),
    ]  # fmt: skip
    assert shop("templates", "diff", str(folder), "--exit-code").status == 0
    assert "3 the same" in shop.done("templates", "export", str(folder)).err


def test_an_edited_file_is_kept_and_told_apart(shop: DemoShop, tmp_path: Path, thanks: Path) -> None:
    folder = tmp_path / "templates"
    shop.done("templates", "export", str(folder))
    path = folder / "promo_weekend.id.yaml"
    path.write_text(path.read_text("utf-8").replace("akhir pekan ini", "hari ini"), "utf-8")
    (folder / "order_ready.id.yaml").unlink()
    thanks.rename(folder / thanks.name)
    rows = {row["name"]: row for row in shop.json("templates", "diff", str(folder))}
    assert {name: row["change"] for name, row in rows.items()} == {
        "login_code": "same", "promo_weekend": "edit", "thanks": "create", "order_ready": "no-file",
    }  # fmt: skip
    assert (rows["promo_weekend"]["added_count"], rows["promo_weekend"]["removed_count"]) == (1, 1)
    assert shop("templates", "diff", str(folder), "--exit-code").status == 20
    outcome = shop("templates", "export", str(folder))
    assert outcome.status == 7
    assert "promo_weekend.id.yaml" in outcome.err
    assert "hari ini" in path.read_text("utf-8")


def test_diff_on_a_terminal_shows_the_lines(terminal: FrontDoor, tmp_path: Path) -> None:
    with demo_shop(terminal) as shop:
        path = write(tmp_path, THANKS)
        out = shop.done("templates", "diff", str(path)).out
        assert "  +body: Terima kasih {{name}}, pesanan {{order}} sudah kami terima." in out


# --- lint -----------------------------------------------------------------------------------------------------------


def test_lint_names_the_meta_error_and_ends_with_4(shop: DemoShop, tmp_path: Path) -> None:
    path = write(
        tmp_path, THANKS.replace("body: Terima kasih", 'body: "{{1}} Terima kasih').replace("terima.", 'terima."')
    )
    outcome = shop("templates", "lint", str(path), "--json")
    assert outcome.status == 4
    assert {"place-at-edge": 2388299, "mixed-places": 100}.items() <= {
        row["code"]: row["meta_code"] for row in outcome.json
    }.items()
    assert list(outcome.json[0]) == [
        "name", "language", "severity", "code", "where", "meta_code", "message", "hint",
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["Diskon untuk Anda", "A special price for you"])
def test_promotional_words_are_a_risk_and_no_refusal(shop: DemoShop, tmp_path: Path, words: str) -> None:
    path = write(tmp_path, THANKS.replace("Toko Bunga Melati", words))
    outcome = shop("templates", "lint", str(path), "--json")
    assert outcome.status == 0
    assert [(row["code"], row["severity"], row["where"]) for row in outcome.json] == [
        ("promotional-words", "warning", "footer")
    ]


def test_lint_of_a_folder(shop: DemoShop, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    shop.done("templates", "export", str(folder))
    assert shop("templates", "lint", str(folder), "--json").json == []
    (folder / "bad.id.yaml").write_text("name: bad\nlanguage: id\ncategory: utility\nbody: '{{1}} siap'\n", "utf-8")
    found = shop("templates", "lint", str(folder), "--json")
    assert (found.status, {row["name"] for row in found.json}) == (4, {"bad"})


def test_lint_of_a_pulled_template_and_of_a_twin(shop: DemoShop, tmp_path: Path) -> None:
    assert shop.json("templates", "lint", "order_ready") == []
    twin = tmp_path / "twin.id.yaml"
    shop.done("templates", "export", str(tmp_path))
    twin.write_text((tmp_path / "order_ready.id.yaml").read_text("utf-8").replace("name: order_ready", "name: twin"))
    outcome = shop("templates", "lint", str(twin), "--json")
    assert (outcome.status, [row["code"] for row in outcome.json]) == (4, ["same-text"])


def test_lint_needs_no_store(wacli: FrontDoor, tmp_path: Path) -> None:
    assert wacli("templates", "lint", str(write(tmp_path, THANKS)), "--json").json == []


@pytest.mark.parametrize("text", ["name: [", "nam: x", "", "- a"])
def test_files_that_are_none(wacli: FrontDoor, tmp_path: Path, text: str) -> None:
    for command in (["lint"], ["push", "--dry-run"], ["diff"]):
        outcome = wacli("templates", *command, str(write(tmp_path, text)))
        assert outcome.status == 2
        assert "thanks.id.yaml" in outcome.err
    assert wacli("templates", "lint", str(tmp_path / "none.yaml")).status == 3


# --- push -----------------------------------------------------------------------------------------------------------


def test_a_new_template_is_created_reviewed_and_known_here(shop: DemoShop, thanks: Path) -> None:
    told = push(shop, thanks)
    assert (told["change"], told["status"], told["requested_category"], told["category"]) == (
        "create", "PENDING", "UTILITY", "UTILITY",
    )  # fmt: skip
    held = shop.template("thanks")
    assert held.is_named
    assert held.components[2] == {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]}
    assert listed(shop, "thanks")["status"] == "PENDING"
    approve(shop)
    shop.hear()
    assert listed(shop, "thanks")["status"] == "APPROVED"
    shop.done("templates", "pull")
    assert shop.json("templates", "diff", str(thanks))[0]["change"] == "same"
    assert push(shop, thanks)["change"] == "nothing"


def test_wait_ends_when_meta_has_decided(shop: DemoShop, thanks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        shop.sandbox.advance(timedelta(seconds=seconds))

    monkeypatch.setattr(template_files, "_pause", pause)
    assert push(shop, thanks, "--wait")["status"] == "APPROVED"
    assert pauses == [2, 4, 8, 16]
    assert listed(shop, "thanks")["status"] == "APPROVED"


def test_wait_ends_with_5_when_rejected_and_6_when_nothing_was_decided(
    shop: DemoShop, thanks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sandbox.review_for = None
    pauses: list[float] = []
    monkeypatch.setattr(template_files, "_pause", pauses.append)
    outcome = shop("templates", "push", str(thanks), "--yes", "--wait", "--wait-for", "90s", "--json")
    assert outcome.status == 6
    assert outcome.json["status"] == "PENDING"
    assert outcome.error["code"] == "not-decided"
    assert (sum(pauses), max(pauses)) == (90, 30)

    def reject(_seconds: float) -> None:
        shop.sandbox.set_template_status(shop.template("thanks2"), "REJECTED", "INVALID_FORMAT")

    monkeypatch.setattr(template_files, "_pause", reject)
    other = write(thanks.parent, THANKS.replace("name: thanks", "name: thanks2").replace("kami terima", "kami catat"))
    outcome = shop("templates", "push", str(other), "--yes", "--wait", "--json")
    assert outcome.status == 5
    assert (outcome.json["status"], outcome.json["rejected_reason"]) == ("REJECTED", "INVALID_FORMAT")


def test_nothing_is_handed_in_without_a_yes(shop: DemoShop, thanks: Path) -> None:
    outcome = shop("templates", "push", str(thanks))
    assert outcome.status == 2
    assert shop.sandbox.account.templates.find("thanks", "id") is None


def test_a_dry_run_opens_no_connection(shop: DemoShop, thanks: Path) -> None:
    shop.sandbox.stop()
    told = shop.json("templates", "push", str(thanks), "--dry-run")
    assert told["dry_run"] is True
    assert told["body"]["components"][0]["example"]["body_text_named_params"][0] == {
        "param_name": "name", "example": "Sari",
    }  # fmt: skip
    assert shop("templates", "push", str(thanks), "--yes").status == 6  # nobody listens


def test_what_meta_would_refuse_is_not_handed_in_unless_wished(shop: DemoShop, tmp_path: Path) -> None:
    path = write(tmp_path, THANKS.replace(" sudah kami terima.", ""))  # ends in a place
    outcome = shop("templates", "push", str(path), "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (4, "template-faults")
    outcome = shop("templates", "push", str(path), "--yes", "--anyway", "--json")
    assert (outcome.status, outcome.error["code"]) == (5, "api-100")
    # What Meta refused does not count.
    with_limits = push(shop, write(tmp_path, THANKS))
    assert with_limits["change"] == "create"


def test_the_category_of_an_approved_template_stays(shop: DemoShop, tmp_path: Path) -> None:
    shop.done("templates", "export", str(tmp_path))
    path = tmp_path / "order_ready.id.yaml"
    path.write_text(path.read_text("utf-8").replace("category: utility", "category: marketing"), "utf-8")
    assert shop.json("templates", "diff", str(path))[0]["change"] == "category"
    outcome = shop("templates", "push", str(path), "--yes", "--json")
    assert (outcome.status, outcome.json["change"]) == (0, "nothing")
    assert "stays utility" in outcome.err
    path.write_text(path.read_text("utf-8").replace("di toko kami", "di kedai kami"), "utf-8")
    told = push(shop, path)
    assert (told["change"], told["category"]) == ("edit", "UTILITY")
    assert "kedai" in str(shop.template("order_ready").components)


def test_the_category_of_a_rejected_one_can_be_edited(shop: DemoShop, thanks: Path) -> None:
    push(shop, thanks)
    shop.sandbox.set_template_status(shop.template("thanks"), "REJECTED", "TAG_CONTENT_MISMATCH")
    told = push(shop, write(thanks.parent, THANKS.replace("category: utility", "category: marketing")))
    assert (told["change"], told["category"], shop.template("thanks").category) == ("edit", "MARKETING", "MARKETING")


def test_one_under_review_cannot_be_edited(shop: DemoShop, thanks: Path) -> None:
    push(shop, thanks)
    changed = write(thanks.parent, THANKS.replace("Melati", "Mawar"))
    outcome = shop("templates", "push", str(changed), "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (4, "not-editable")


def test_what_was_asked_for_and_what_meta_decided(shop: DemoShop, thanks: Path) -> None:
    push(shop, thanks)
    approve(shop)
    shop.template("thanks").category = "MARKETING"
    shop.done("templates", "pull")
    row = listed(shop, "thanks")
    assert (row["requested_category"], row["category"]) == ("UTILITY", "MARKETING")


def test_an_approved_template_takes_one_edit_a_day_and_ten_in_thirty(shop: DemoShop, thanks: Path) -> None:
    push(shop, thanks)
    approve(shop)
    for day in range(10):
        push(shop, write(thanks.parent, THANKS.replace("Melati", f"Melati {day}")))
        approve(shop)
        again = write(thanks.parent, THANKS.replace("Melati", f"Mawar {day}"))
        outcome = shop("templates", "push", str(again), "--yes", "--json")
        assert (outcome.status, outcome.error["code"]) == (6, "edit-limit")
        shop.advance(timedelta(hours=24))
    eleventh = write(thanks.parent, THANKS.replace("Melati", "Anggrek"))
    outcome = shop("templates", "push", str(eleventh), "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (6, "edit-limit")
    shop.advance(timedelta(days=20))
    assert push(shop, eleventh)["change"] == "edit"


def test_a_hundred_creations_an_hour(shop: DemoShop, thanks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wacli.services.template_push.CREATIONS_AN_HOUR", 2)
    for number in range(2):
        text = THANKS.replace("name: thanks", f"name: thanks{number}").replace("Melati", f"Melati {number}")
        push(shop, write(thanks.parent, text))
        shop.advance(timedelta(minutes=1))
    outcome = shop("templates", "push", str(write(thanks.parent, THANKS)), "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (6, "hourly-limit")
    assert outcome.error["details"]["free_at"] == "2026-11-22T06:00:00+00:00"
    assert shop("templates", "push", str(thanks), "--dry-run").status == 6
    shop.advance(timedelta(minutes=58))
    assert push(shop, thanks)["change"] == "create"


def test_an_answer_that_is_lost_is_not_known_and_counts(
    shop: DemoShop, thanks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wacli.services.template_push.CREATIONS_AN_HOUR", 1)
    shop.sandbox.push_fault("reset", path="message_templates", after_acceptance=True)
    outcome = shop("templates", "push", str(thanks), "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (6, "push-unknown")
    assert shop.template("thanks").status == "PENDING"  # it had arrived
    other = write(thanks.parent, THANKS.replace("name: thanks", "name: thanks2").replace("Melati", "Mawar"))
    outcome = shop("templates", "push", str(other), "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (6, "hourly-limit")
    assert push(shop, write(thanks.parent, THANKS))["change"] == "nothing"  # looked up, not handed in twice


def test_a_name_that_only_contains_the_one_asked_for_is_another(shop: DemoShop, tmp_path: Path) -> None:
    text = THANKS.replace("name: thanks", "name: order")  # Meta's filter finds order_ready as well
    assert push(shop, write(tmp_path, text))["change"] == "create"


# --- samples of headers ---------------------------------------------------------------------------------------------

WITH_PICTURE = (
    "name: bunga\nlanguage: id\ncategory: marketing\nheader: {image: bunga.jpg}\nbody: Bunga baru hari ini.\n"
)
JPEG = b"\xff\xd8\xff" + b"x" * 40
HANDLE = "4::aW1hZ2UvanBlZw==:ARabc"


def test_a_sample_goes_up_and_its_handle_into_the_template(wacli: FrontDoor, tmp_path: Path) -> None:
    (tmp_path / "bunga.jpg").write_bytes(JPEG)
    path = write(tmp_path, WITH_PICTURE)
    session = "upload:MTphdHRhY2htZW50OjQ5?sig=ARZqkGCA_uQMxC8nHKI"

    def is_session(request: Request) -> None:
        assert request.target == "/v25.0/777/uploads?file_name=bunga.jpg&file_length=43&file_type=image%2Fjpeg"

    def is_upload(request: Request) -> None:
        assert request.headers["file_offset"] == "0"
        assert request.headers["content-type"] == "image/jpeg"
        assert request.headers["authorization"] == "Bearer t0ken"
        assert request.body == JPEG

    def is_create(request: Request) -> None:
        assert request.json["components"][0]["example"] == {"header_handle": [HANDLE]}

    told = {"name": "bunga", "language": "id", "status": "PENDING", "category": "MARKETING", "id": "9"}
    apps = {"data": [{"whatsapp_business_api_data": {"id": "777", "name": "x"}}]}
    script = [
        Expected("GET", None, Answer(body={"data": []})),
        Expected("GET", "/v25.0/55/subscribed_apps", Answer(body=apps)),
        Expected("POST", None, Answer(body={"id": session}), is_session),
        Expected("POST", f"/v25.0/{session}", Answer(body={"h": HANDLE}), is_upload),
        Expected("POST", "/v25.0/55/message_templates", Answer(body={"id": "9", "status": "PENDING"}), is_create),
        Expected("GET", None, Answer(body=told)),
    ]
    with ScriptedServer(script) as server:
        profile(wacli, server.url)
        outcome = wacli("templates", "push", str(path), "--yes", "--json")
        assert outcome.status == 0, outcome
        assert outcome.json["status"] == "PENDING"


def test_the_difference_is_told_in_the_words_of_the_file(shop: DemoShop, tmp_path: Path) -> None:
    (tmp_path / "bunga.jpg").write_bytes(JPEG)
    text = WITH_PICTURE + "buttons:\n  - copy_code: HEMAT20\n"
    path = write(tmp_path, text)
    new = shop.json("templates", "push", str(path), "--dry-run")["lines"]
    assert [line for line in new if "bunga.jpg" in line or "HEMAT20" in line] == [
        "+  image: bunga.jpg",
        "+  - copy_code: HEMAT20",
    ]
    shop.done("templates", "push", str(path), "--yes")
    kept = tmp_path / "kept"
    shop.done("templates", "export", str(kept))
    assert "  - copy_code: HEMAT20" in (kept / "bunga.id.yaml").read_text("utf-8")
    path.write_text(text.replace("HEMAT20", "HEMAT30"), "utf-8")
    (changed,) = shop.json("templates", "diff", str(path))
    assert "-  - copy_code: HEMAT20" in changed["lines"]
    assert "+  - copy_code: HEMAT30" in changed["lines"]
    assert not any("null" in line for line in changed["lines"])


def profile(wacli: FrontDoor, url: str) -> None:
    wacli.environment["WACLI_TOKEN"] = "t0ken"
    assert wacli("profiles", "add", "shop", "--waba-id", "55").status == 0
    set_value(wacli.folder / "config" / "config.toml", "shop", "api_base", url)


@pytest.mark.parametrize("answer", [{"id": "upload:../../me"}, {"id": "https://evil.test/x"}, {"id": 5}, {}])
def test_an_upload_session_cannot_lead_elsewhere(wacli: FrontDoor, tmp_path: Path, answer: dict[str, object]) -> None:
    (tmp_path / "bunga.jpg").write_bytes(JPEG)
    path = write(tmp_path, WITH_PICTURE)
    script = [
        Expected("GET", None, Answer(body={"data": []})),
        Expected("POST", None, Answer(body=answer)),
    ]
    with ScriptedServer(script) as server:
        profile(wacli, server.url)
        outcome = wacli("templates", "push", str(path), "--yes", "--app-id", "777", "--json")
        assert (outcome.status, outcome.error["code"]) == (6, "bad-answer")


@pytest.mark.parametrize("apps", [[], ["1", "2"]])
def test_without_one_clear_app_it_is_asked_for(wacli: FrontDoor, tmp_path: Path, apps: list[str]) -> None:
    (tmp_path / "bunga.jpg").write_bytes(JPEG)
    path = write(tmp_path, WITH_PICTURE)
    listed = {"data": [{"whatsapp_business_api_data": {"id": app}} for app in apps]}
    script = [Expected("GET", None, Answer(body={"data": []})), Expected("GET", None, Answer(body=listed))]
    with ScriptedServer(script) as server:
        profile(wacli, server.url)
        outcome = wacli("templates", "push", str(path), "--yes", "--json")
        assert (outcome.status, outcome.error["code"]) == (4, "which-app")
        assert "--app-id" in outcome.error["hint"]


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        ("https://a.b/c.jpg", "bad-sample"), ("bunga.webp", "bad-sample"), ("none.jpg", "no-file"),
        ("empty.jpg", "bad-sample"),
    ],
)  # fmt: skip
def test_samples_that_meta_would_not_take(wacli: FrontDoor, tmp_path: Path, sample: str, code: str) -> None:
    (tmp_path / "bunga.webp").write_bytes(b"RIFF")
    (tmp_path / "empty.jpg").write_bytes(b"")
    path = write(tmp_path, WITH_PICTURE.replace("bunga.jpg", json.dumps(sample)))
    outcome = wacli("templates", "push", str(path), "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (2, code)


def test_an_app_id_is_a_number(wacli: FrontDoor, tmp_path: Path) -> None:
    assert wacli("templates", "push", str(write(tmp_path, THANKS)), "--app-id", "../me").status == 2
