"""Template files: the short form says what the long one says, nothing is lost, and misspellings are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fixtures import json_under
from wacli.domain.problem import Invalid
from wacli.domain.template_draft import TemplateDraft, comparable
from wacli.domain.template_file import read_document, write_document

HEAD = {"name": "order_ready", "language": "id", "category": "utility"}


def read(**document: object) -> TemplateDraft:
    return read_document({**HEAD, **document}, "x.yaml")


def test_every_published_create_body_is_a_file_and_comes_back_as_it_was() -> None:
    bodies = {name: told for name, told in json_under("templates").items() if "/create/" in f"/{name}"}
    assert len(bodies) == 19
    for name, body in bodies.items():
        draft = read_document(body, name)
        assert draft.create_body == body, name
        again = read_document(write_document(draft), name)
        assert again == draft, name
        assert again.create_body == body, name


def test_the_short_form_says_what_meta_wants() -> None:
    draft = read(
        header="Pesanan {{1}}",
        body="Halo {{1}}, pesanan {{2}} siap.",
        footer="Toko Bunga Melati",
        buttons=[
            {"reply": "Ya"},
            {"url": "https://a.b/{{1}}", "text": "Lacak", "example": "https://a.b/1"},
            {"phone": "+62215550100", "text": "Telepon"},
            {"copy_code": "HEMAT10"},
        ],
        examples={"header": "A-104", "1": "Sari", "2": 104},
        message_send_ttl_seconds=3600,
    )
    assert draft.create_body == {
        "name": "order_ready",
        "language": "id",
        "category": "UTILITY",
        "message_send_ttl_seconds": 3600,
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Pesanan {{1}}", "example": {"header_text": ["A-104"]}},
            {"type": "BODY", "text": "Halo {{1}}, pesanan {{2}} siap.", "example": {"body_text": [["Sari", "104"]]}},
            {"type": "FOOTER", "text": "Toko Bunga Melati"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Ya"},
                    {"type": "URL", "text": "Lacak", "url": "https://a.b/{{1}}", "example": ["https://a.b/1"]},
                    {"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+62215550100"},
                    {"type": "COPY_CODE", "example": "HEMAT10"},
                ],
            },
        ],
    }
    assert draft.edit_body(with_category=False) == {
        "components": draft.create_body["components"],
        "message_send_ttl_seconds": 3600,
    }
    assert draft.edit_body(with_category=True)["category"] == "UTILITY"


def test_named_places_make_a_named_template() -> None:
    draft = read(header="Untuk {{nama}}", body="Halo {{nama}}, {{kode}} siap.", examples={"nama": "Sari", "kode": "A"})
    body = draft.create_body
    assert body["parameter_format"] == "NAMED"
    header, text = draft.components
    assert header["example"] == {"header_text_named_params": [{"param_name": "nama", "example": "Sari"}]}
    assert text["example"] == {
        "body_text_named_params": [
            {"param_name": "nama", "example": "Sari"},
            {"param_name": "kode", "example": "A"},
        ]
    }
    assert "components" not in write_document(draft)


@pytest.mark.parametrize(
    ("header", "component"),
    [
        ({"location": True}, {"type": "HEADER", "format": "LOCATION"}),
        ({"image": None}, {"type": "HEADER", "format": "IMAGE"}),
        ({"video": "a.mp4"}, {"type": "HEADER", "format": "VIDEO", "example": {"header_handle": ["a.mp4"]}}),
        ("Kabar", {"type": "HEADER", "format": "TEXT", "text": "Kabar"}),
    ],
)
def test_headers(header: object, component: dict[str, object]) -> None:
    draft = read(header=header, body="x")
    assert draft.components[0] == component
    assert write_document(draft)["header"] == header


def test_samples_are_found_and_replaced_wherever_they_stand() -> None:
    card = {"components": [{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["kue.jpg"]}}]}
    draft = read(
        components=[
            {"type": "BODY", "text": "x"},
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1hZ2U=:ARY"]}},
            {"type": "CAROUSEL", "cards": [card, card]},
        ]
    )
    assert draft.samples == ("kue.jpg",)
    put = draft.with_handles({"kue.jpg": "4::x:y"})
    assert put.samples == ()
    assert (
        put.components[2]["cards"]
        == [{"components": [{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x:y"]}}]}] * 2
    )
    assert draft.samples == ("kue.jpg",)  # the draft itself stays


@pytest.mark.parametrize(
    "document",
    [
        {"body": "x", "bodi": "y"},
        {"body": ["x"]},
        {"body": "x", "components": []},
        {"components": "x"},
        {"components": ["x"]},
        {"body": "x", "buttons": {"reply": "y"}},
        {"body": "x", "buttons": [{"text": "y"}]},
        {"body": "x", "buttons": [{"reply": "y", "example": "z"}]},
        {"body": "x", "buttons": [{"url": "https://a.b"}]},
        {"body": "Halo {{1}} x", "examples": {"2": "y"}},
        {"body": "x", "examples": ["y"]},
        {"body": "x", "header": {"image": "a.jpg", "video": "b.mp4"}},
        {"body": "x", "header": {"picture": "a.jpg"}},
        {"body": "x", "message_send_ttl_seconds": "60"},
        {"body": "x", "message_send_ttl_seconds": True},
        {"body": "x", "name": None},
    ],
)
def test_what_is_misspelt_is_refused_by_name(document: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        read(**document)
    assert refused.value.code == "bad-template-file"


@pytest.mark.parametrize("document", [None, [], "x", 5, {1: 2}])
def test_what_is_no_template_at_all_is_refused(document: object) -> None:
    with pytest.raises(Invalid):
        read_document(document, "x.yaml")


def test_an_answer_of_meta_is_a_file_too() -> None:
    told = {
        **HEAD, "id": "1", "status": "APPROVED", "quality_score": {"score": "GREEN"}, "rejected_reason": "NONE",
        "previous_category": "ACCOUNT_UPDATE", "components": [{"type": "BODY", "text": "x"}],
    }  # fmt: skip
    assert set(read_document(told, "x.json").create_body) == {"name", "language", "category", "components"}


def test_what_differs_only_in_metas_answer_is_no_difference() -> None:
    mine = read(header={"image": "bunga.jpg"}, body="x", buttons=[{"url": "https://a.b", "text": "Lihat"}])
    theirs = read(
        parameter_format="POSITIONAL",
        components=[
            {"type": "buttons", "buttons": [{"type": "url", "text": "Lihat", "url": "https://a.b", "example": []}]},
            {"type": "body", "text": "x", "add_security_recommendation": False},
            {"type": "header", "format": "image", "example": {"header_handle": ["https://scontent.whatsapp.net/x"]}},
        ],
    )
    assert comparable(mine) == comparable(theirs)


def test_the_words_of_a_password_template_are_whatsapps_own() -> None:
    head = {**HEAD, "category": "authentication"}
    mine: list[dict[str, object]] = [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 10},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Salin"}]},
    ]
    theirs = [
        {**mine[0], "text": "*{{1}}* is your code.", "example": {"body_text": [["123456"]]}},
        {**mine[1], "text": "Expires in 10 minutes."},
        {
            "type": "BUTTONS",
            "buttons": [
                {
                    "type": "URL",
                    "otp_type": "copy_code",
                    "text": "Salin",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                    "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
                }
            ],
        },
    ]
    drafts = [read_document({**head, "components": parts}, "x") for parts in (mine, theirs)]
    assert comparable(drafts[0]) == comparable(drafts[1])


words = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=30)
places = st.sampled_from(["{{1}}", "{{2}}", "{{nama}}", ""])
texts = st.builds(lambda parts: "".join(parts), st.lists(st.one_of(words, places), max_size=4))
leaf: st.SearchStrategy[Any] = st.one_of(texts, st.booleans(), st.integers(-5, 10**6), st.none())
examples = st.one_of(
    st.fixed_dictionaries({"body_text": st.lists(st.lists(words, max_size=3), max_size=2)}),
    st.fixed_dictionaries({"header_text": st.lists(words, max_size=2)}),
    st.fixed_dictionaries(
        {
            "body_text_named_params": st.lists(
                st.fixed_dictionaries({"param_name": st.sampled_from(["nama", "x"]), "example": words}), max_size=2
            )
        }
    ),
    leaf,
)
buttons = st.fixed_dictionaries(
    {"type": st.sampled_from(["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "url"])},
    optional={
        "text": leaf,
        "url": leaf,
        "phone_number": leaf,
        "example": st.one_of(words, st.lists(words)),
        "new": leaf,
    },
)
components = st.fixed_dictionaries(
    {"type": st.sampled_from(["HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "body", "NEW"])},
    optional={
        "format": st.sampled_from(["TEXT", "IMAGE", "LOCATION", "text", "NEW"]),
        "text": leaf,
        "example": examples,
        "buttons": st.lists(buttons, max_size=3),
        "new": leaf,
    },
)


@given(st.lists(components, max_size=4))
def test_nothing_is_lost_whatever_the_components_are(parts: list[dict[str, object]]) -> None:
    draft = read(components=parts)
    assert read_document(write_document(draft), "x") == draft
