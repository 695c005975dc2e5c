"""What stands for files, calls, places and deleted messages, in the languages that phones speak."""

from __future__ import annotations

import io
from datetime import UTC

import pytest

from wacli.domain.chat_export import ChatMessage
from wacli.importers.chat_export import read_chat


def ios(text: str) -> ChatMessage:
    data = f"[18/03/22, 14:56:01] Sari: {text}\n[18/03/22, 14:57:00] Budi: ya".encode()
    return next(read_chat(io.BytesIO(data), zone=UTC).messages())


def android(text: str) -> ChatMessage:
    data = f"18/03/22, 14:56 - Sari: {text}\n18/03/22, 14:57 - Budi: ya".encode()
    return next(read_chat(io.BytesIO(data), zone=UTC).messages())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\u200eimage omitted", "image"),
        ("\u200evideo omitted", "video"),
        ("\u200eGIF omitted", "video"),
        ("\u200eaudio omitted", "audio"),
        ("\u200esticker omitted", "sticker"),
        ("\u200edocument omitted", "document"),
        ("\u200eContact card omitted", "contacts"),
        ("image omitted", "image"),
        ("\u200egambar tidak disertakan", "image"),
        ("stiker tidak disertakan", "sticker"),
        ("\u200eBild weggelassen", "image"),
        ("\u200eimagen omitida", "image"),
        ("\u200eimage absente", "image"),
        ("\u200eimmagine omessa", "image"),
        ("\u200eafbeelding weggelaten", "image"),
        ("\u200eimagem ocultada", "image"),
        ("\u200egörüntü dahil edilmedi", "image"),
        ("\u200eThis message was deleted.", "deleted"),
        ("\u200eAnda menghapus pesan ini.", "deleted"),
        ("\u200eMissed voice call. \u200eTap to call back", "call"),
        ("\u200ePanggilan video tak terjawab", "call"),
        ("\u200eLocation: https://maps.google.com/?q=-6.2,106.8", "location"),
        ("\u200ePOLL:\nKapan?\n\u200eOPTION: Senin (2 votes)", "poll"),
        ("\u200eSari changed the group description", "system"),
    ],
)
def test_ios(text: str, kind: str) -> None:
    assert ios(text).kind == kind
    assert "\u200e" not in ios(text).text


@pytest.mark.parametrize(
    "text",
    [
        "<Media omitted>",
        "<Media tidak disertakan>",
        "<Medien ausgeschlossen>",
        "<Multimedia omitido>",
        "<Médias omis>",
        "<Media omessi>",
        "<Mídia oculta>",
        "<Arquivo de mídia oculto>",
        "<Media weggelaten>",
        "<Без медиафайлов>",
        "<Pominięto multimedia>",
        "<Medya dahil edilmedi>",
        "<미디어 제외됨>",
        "<メディアなし>",
        "<省略多媒体文件>",
        "<תמונה הושמטה>",
        "<تم استبعاد الوسائط>",
    ],
)
def test_android(text: str) -> None:
    message = android(text)
    assert message.kind in ("media", "image")
    assert (message.text, message.file_name) == ("", None)


@pytest.mark.parametrize(
    ("text", "kind", "name", "caption"),
    [
        (
            "\u200eIMG-20220318-WA0035.jpg (file attached)\nini fotonya",
            "image",
            "IMG-20220318-WA0035.jpg",
            "ini fotonya",
        ),
        ("IMG-20220318-WA0035.jpg (file terlampir)", "image", "IMG-20220318-WA0035.jpg", ""),
        ("PTT-20220318-WA0001.opus (Datei angehängt)", "audio", "PTT-20220318-WA0001.opus", ""),
        ("STK-20220318-WA0002.webp (archivo adjunto)", "sticker", "STK-20220318-WA0002.webp", ""),
        ("VID-20220318-WA0002.mp4 (ไฟล์ที่แนบ)", "video", "VID-20220318-WA0002.mp4", ""),
        ("Daftar harga.pdf (file attached)\nDaftar harga", "document", "Daftar harga.pdf", "Daftar harga"),
        ("Budi.vcf (fichier joint)", "contacts", "Budi.vcf", ""),
        ("<Media omitted>\nini fotonya", "media", None, "ini fotonya"),
    ],
)
def test_android_attachments(text: str, kind: str, name: str | None, caption: str) -> None:
    message = android(text)
    assert (message.kind, message.file_name, message.text) == (kind, name, caption)


@pytest.mark.parametrize(
    ("text", "kind", "name", "caption"),
    [
        ("\u200e<attached: 00000035-PHOTO-2022-03-18.jpg>", "image", "00000035-PHOTO-2022-03-18.jpg", ""),
        ("lihat ini \u200e<attached: 00000035-PHOTO-2022.jpg>", "image", "00000035-PHOTO-2022.jpg", "lihat ini"),
        ("\u200e<terlampir: 00000036-STICKER-2022.webp>", "sticker", "00000036-STICKER-2022.webp", ""),
        ("harga.pdf • \u200e2 pages \u200e<attached: 00000037-harga.pdf>", "document", "00000037-harga.pdf", ""),
        ("\u200e<pièce jointe : 00000038-AUDIO-2022.opus>", "audio", "00000038-AUDIO-2022.opus", ""),
        ("caption here \u200eimage omitted", "image", None, "caption here"),
    ],
)
def test_ios_attachments(text: str, kind: str, name: str | None, caption: str) -> None:
    message = ios(text)
    assert (message.kind, message.file_name, message.text) == (kind, name, caption)


@pytest.mark.parametrize(
    "text",
    [
        "i love <3 you >",
        "harga (50 ribu)",
        "lihat laporan.pdf (versi lama)",
        "if (a < b && c > d)",
        "the image was omitted from the report",
        "<b>",
        "media omitted",
        "5. satu\n6. dua (tiga)\nempat",
    ],
)
def test_what_people_type_stays_text(text: str) -> None:
    for message in (android(text), ios(text)):
        assert (message.kind, message.text, message.file_name) == ("text", text, None)


@pytest.mark.parametrize(
    "mark",
    [
        "\u200e<This message was edited>",
        "<Pesan ini diedit>",
        "<Diese Nachricht wurde bearbeitet.>",
        "<Se editó este mensaje.>",
    ],
)
def test_edited_messages_lose_the_sign(mark: str) -> None:
    message = ios(f"jam tiga ya {mark}")
    assert (message.text, message.is_edited, message.kind) == ("jam tiga ya", True, "text")
    assert not ios("jam tiga ya").is_edited
