"""`wacli thread WHO --format markdown`."""

from __future__ import annotations

from tests.support.events import T0, message
from tests.support.front_door import FrontDoor
from tests.support.store import apply_events, new_store
from wacli.domain.identity import Party


def test_a_transcript_is_markdown_and_their_words_are_not(wacli: FrontDoor) -> None:
    wacli("config", "set", "time_zone", "Asia/Jakarta")
    sari = Party(phone="6281234567890", name="Sari [x]")
    with new_store(wacli.folder, "shop.db") as store:
        said = [
            message("A", T0, party=sari)._replace(text="# halo <b>\n- satu\x1b[31m"),
            message("B", T0 + 86_400, party=sari)._replace(kind="image", text="kue *pandan*"),
            message("C", T0 + 86_460, party=sari)._replace(text="hapus"),
            message("R", T0 + 86_470, party=sari)._replace(kind="revoke", target="C", text=None),
        ]
        apply_events(store, said)
    done = wacli("thread", "Sari", "--format", "markdown")
    assert done.status == 0
    assert done.out.startswith("# Sari \\[x\\]\n\n## ")
    assert done.out.count("\n## ") == 2
    assert "> \\# halo \\<b\\>  \n> \\- satu  \n" in done.out
    assert "> *image*\n> kue \\*pandan\\*" in done.out
    assert "> *deleted*" in done.out
    assert "hapus" not in done.out
    assert "\x1b" not in done.out


def test_other_commands_have_no_markdown(wacli: FrontDoor) -> None:
    refused = wacli("threads", "--format", "markdown")
    assert refused.status == 2
    assert "table, plain, json, ndjson, csv" in refused.err
