from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor


def test_settings_say_where_they_come_from(wacli: FrontDoor) -> None:
    assert wacli("profiles", "add", "shop", "--country", "ID").status == 0
    rows = {row["key"]: row for row in wacli("config", "list", "--json").json}
    assert rows["country"] == {"key": "country", "value": "ID", "origin": "config.toml"}
    assert rows["currency"] == {"key": "currency", "value": "USD", "origin": "default"}
    assert rows["waba_id"]["value"] is None
    assert rows["db"]["origin"] == "environment"
    assert {row["key"]: row for row in wacli("--db", "x.db", "config", "list", "--json").json}["db"]["origin"] == "flag"
    assert wacli("config", "get", "country").out == "ID\n"


def test_the_owners_comments_survive_a_change_and_the_file_is_private(wacli: FrontDoor, tmp_path: Path) -> None:
    wacli("profiles", "add", "shop")
    path = tmp_path / "config" / "config.toml"
    path.write_text("# my shop\n" + path.read_text("utf-8"), "utf-8")
    assert wacli("config", "set", "time_zone", "Asia/Jakarta").status == 0
    assert path.read_text("utf-8").startswith("# my shop\n")
    assert 'time_zone = "Asia/Jakarta"' in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        ("[profiles.shop]\ncuntry = 'ID'\n", "config-key", "profiles.shop.cuntry"),
        ("[profiles.shop]\ncountry = 'Indonesia'\n", "config-value", "profiles.shop.country"),
        ("[profiles.shop]\nwaba_id = 12\n", "config-value", "profiles.shop.waba_id"),
        ("[profiles.shop]\ntime_zone = 'Asia/Djakarta'\n", "config-value", "profiles.shop.time_zone"),
        ("[profiles.shop]\napi_base = 'http://evil.example'\n", "config-value", "profiles.shop.api_base"),
        ("default_profil = 'shop'\n", "config-key", "default_profil"),
        ("default_profile = 'shop'\n", "config-value", "default_profile"),
        ("[profiles\n", "config-broken", "config.toml"),
    ],
)
def test_a_misspelt_file_is_refused_with_its_place(
    wacli: FrontDoor, tmp_path: Path, text: str, code: str, names: str
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(text, "utf-8")
    outcome = wacli("config", "list", "--json")
    assert outcome.status == 2
    assert outcome.error["code"] == code
    assert names in outcome.error["message"]


def test_a_setting_may_be_tried(wacli: FrontDoor) -> None:
    wacli("profiles", "add", "shop")
    assert wacli("config", "set", "country", "ID", "--dry-run").status == 0
    assert wacli("config", "get", "country").out == "\n"
    assert wacli("config", "set", "country", "Indonesia", "--dry-run").status == 2


def test_an_unknown_profile_is_not_found(wacli: FrontDoor) -> None:
    outcome = wacli("-p", "other", "config", "list", "--json")
    assert outcome.status == 3
    assert "wacli profiles add other" in outcome.error["hint"]


def test_profiles_are_added_used_and_forgotten(wacli: FrontDoor) -> None:
    wacli("profiles", "add", "shop")
    wacli("profiles", "add", "cafe", "--kind", "phone-app")
    assert wacli("profiles", "add", "cafe").status == 2
    assert wacli("profiles", "add", "../x").status == 2
    assert [row["active"] for row in wacli("profiles", "list", "--json").json] == [False, True]
    assert wacli("profiles", "use", "cafe").status == 0
    assert [row["active"] for row in wacli("profiles", "list", "--json").json] == [True, False]
    assert wacli("profiles", "rm", "cafe").status == 2  # nobody can be asked
    assert wacli("profiles", "rm", "cafe", "--dry-run").status == 0
    assert wacli("profiles", "use", "shop", "--dry-run").status == 0
    assert wacli("profiles", "add", "third", "--dry-run").status == 0
    assert [row["active"] for row in wacli("profiles", "list", "--json").json] == [True, False]
    assert wacli("profiles", "rm", "cafe", "--yes").status == 0
    assert [row["name"] for row in wacli("profiles", "list", "--json").json] == ["shop"]


def test_a_profile_is_shown_with_its_defaults_and_without_its_secrets(wacli: FrontDoor, tmp_path: Path) -> None:
    wacli("profiles", "add", "shop", "--country", "ID", "--phone-number-id", "111")
    wacli("profiles", "add", "cafe", "--kind", "phone-app")
    wacli("profiles", "token", stdin=b"EAAG-secret\n")
    shop = wacli("profiles", "show", "--json").json
    assert (shop["name"], shop["active"], shop["default"], shop["kind"]) == ("shop", True, True, "cloud-api")
    assert (shop["phone_number_id"], shop["currency"], shop["time_zone"]) == ("111", "USD", None)
    assert shop["token_from"] == str(tmp_path / "config" / "secrets" / "shop.token")
    assert shop["app_secret_from"] is None
    cafe = wacli("profiles", "show", "cafe", "--json").json
    assert (cafe["name"], cafe["active"], cafe["kind"], cafe["token_from"]) == ("cafe", False, "phone-app", None)
    assert wacli("-p", "cafe", "profiles", "show", "--json").json["active"] is True
    screen = wacli("profiles", "show", "--format", "table").out
    assert "shop  ·  active, the default" in screen
    assert "EAAG" not in screen
    listed = wacli("profiles", "list", "--format", "table").out
    assert "* shop" in listed
    assert "phone-app" in listed
    unknown = wacli("profiles", "show", "other", "--json")
    assert (unknown.status, unknown.error["code"]) == (3, "no-profile")
    assert wacli("profiles", "rm", "shop", "--yes").status == 0
    assert not (tmp_path / "config" / "secrets" / "shop.token").exists()


def test_a_token_is_kept_in_a_private_file_and_never_shown(wacli: FrontDoor, tmp_path: Path) -> None:
    wacli("profiles", "add", "shop")
    outcome = wacli("profiles", "token", stdin=b"EAAG-secret\n")
    assert outcome.status == 0
    assert "EAAG" not in outcome.out + outcome.err
    path = tmp_path / "config" / "secrets" / "shop.token"
    assert path.read_text("utf-8") == "EAAG-secret\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_language_may_come_from_anywhere(wacli: FrontDoor) -> None:
    def origin(*argv: str, **environment: str) -> tuple[str, str]:
        rows = wacli("config", "list", "--json", *argv, environment=environment).json
        (row,) = (row for row in rows if row["key"] == "lang")
        return row["value"], row["origin"]

    assert origin() == ("en", "default")
    assert origin(LANG="id_ID.UTF-8") == ("id", "default")
    assert origin(WACLI_LANG="id") == ("id", "environment")
    assert origin("--lang", "id", WACLI_LANG="en") == ("id", "flag")
    wacli("config", "set", "lang", "id")
    assert origin() == ("id", "config.toml")
    assert wacli("--lang", "fr", "config", "list").status == 2
