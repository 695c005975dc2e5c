"""What stands in an export for a file, a call, a deleted message or a place, in many languages.

Facts: cloud-api.md section 13 (placeholders are localised; `<attached: name>` on iOS, `name (file attached)` on Android with
the caption on the next line; U+200E before what WhatsApp wrote). The wordings below were seen in exports and parsers
named there; where a wording is not known, a word for the kind in a short marked text decides, and if that is
missing too the text is kept as a system line, so that nothing is lost.
"""

# ruff: noqa: E501 - lists of words in many scripts, one subject a line

from __future__ import annotations

import re
from typing import NamedTuple

from .shapes import LEFT_TO_RIGHT

_SHORT = 60  # characters; placeholders are short, WhatsApp's own announcements are long


class Reading(NamedTuple):
    """What one message is, apart from its words."""

    kind: str
    text: str
    file_name: str | None = None
    is_edited: bool = False


_KIND_WORDS = {
    "call": "missed call|panggilan|anruf|llamada|chamada|appel|chiamata|oproep|arama|звонок|通話|通话|전화|مكالمة|cuộc gọi",
    "sticker": "sticker|stiker|figurinha|autocollant|стикер|стікер|naklejk|tarra|çıkartma|ملصق|استیکر|מדבקה|स्टिकर|สติกเกอร์"
    "|nhãn dán|スタンプ|ステッカー|스티커|贴纸|贴图|貼圖|klistermärke|nálepka|matrica",
    "image": "image|bild|gambar|imagen|immagine|afbeelding|imagem|imatge|billede|kuva|görüntü|resim|foto|photo|изображени|фото"
    "|зображення|obraz|zdjęci|obrázek|kép|imagine|εικόνα|صورة|تصویر|عکس|תמונה|इमेज|चित्र|รูปภาพ|hình ảnh|画像|이미지|사진|图片|图像|圖片|圖像",
    "video": "video|vídeo|vidéo|videó|wideo|видео|відео|βίντεο|فيديو|ویدئو|ויデオ|סרטון|וידאו|वीडियो|वीडियोs|วิดีโอ|비디오|동영상|ビデオ|動画|视频|影片"
    "|視訊|\\bgif",
    "audio": "audio|áudio|àudio|suara|ses |ääni|аудио|аудіо|dźwięk|hang|ήχος|صوت|אודיו|שמע|ऑडियो|เสียง|âm thanh|オーディオ|音声|오디오|음성|音频|音訊|語音"
    "|lyd|ljud|zvuk|voice message",
    "document": "document|dokument|dokumen|documento|asiakirja|belge|документ|έγγραφο|مستند|سند|מסמך|दस्तावेज़|डॉक्यूमेंट|เอกสาร|tài liệu|書類"
    "|ドキュメント|문서|文档|文件|檔案",
    "contacts": "contact|kontak|contato|contatto|контакт|yhteystie|kişi|جهة|连络人|联系人|名片|聯絡人|連絡先|연락처|liên hệ",
}
_KINDS = [(kind, re.compile(f"(?i){words}")) for kind, words in _KIND_WORDS.items()]
_LEFT_OUT = re.compile(
    r"(?i)omitted|omit[ií]d|omis|omess|absente?\b|weggelassen|ausgeschlossen|tidak disertakan|dikecualikan|ocultad|ocult|weggelaten"
    r"|utel[aä]mn|utelatt|udelad|poistettu|jätettiin|pominięt|vynech|kihagy|hiányz|dahil edilmedi|пропущ|отсутств|исключ|без медиа|опущ"
    r"|παραλείφ|omès|омит|استبعاد|إخفاء|محذوف|حذف|הושמט|לא נכלל|छोड़|के बिना|ไม่รวม|ถูกลบ|bỏ qua|なし|含まれ|省略|除外|제외|생략|忽略|未包含|略去"
)
_MEDIA = re.compile(
    r"(?i)m[eé]di[aáou]|medien|medier|mídia|multim[eé]di|medya|медиа|медіа|мультимедиа|πολυμέσ|وسائط|رسانه|پیوست نشده|מדיה|मीडिया|สื่อ|미디어|メディア|媒体|媒體|mediefil|\bmedij|mitjans|mediat|мултимеди|phương tiện|میڈیا"
    r"|মিডিয়া|மீடியா|మీడియా|മീഡിയ|ಮೀಡಿಯಾ|મીડિયા|ਮੀਡੀਆ|මාධ්‍ය|მედია|մեդիա|မီဒီယာ|មេឌៀ|ມີເດຍ"
)
# Exact wordings without U+200E: kind words x how each language says "left out".
_COMBINED = {
    "{} omitted": "image=image video=video audio=audio document=document sticker=sticker GIF=video contact_card=contacts"
    " video_note=video video_message=video",
    "{} tidak disertakan": "gambar=image video=video audio=audio dokumen=document stiker=sticker GIF=video kartu_kontak=contacts",
    "{} weggelassen": "Bild=image Video=video Audio=audio Dokument=document Sticker=sticker GIF=video Kontaktkarte=contacts",
    "{} omitido": "video=video vídeo=video audio=audio áudio=audio documento=document sticker=sticker GIF=video",
    "{} omitida": "imagen=image imagem=image",
    "{} ocultado": "vídeo=video áudio=audio documento=document sticker=sticker GIF=video",
    "{} ocultada": "imagem=image figurinha=sticker",
    "{} absente": "image=image vidéo=video",
    "{} absent": "audio=audio document=document sticker=sticker GIF=video",
    "{} omise": "image=image vidéo=video",
    "{} omesso": "video=video audio=audio documento=document sticker=sticker",
    "{} omessa": "immagine=image GIF=video",
    "{} weggelaten": "afbeelding=image video=video audio=audio document=document sticker=sticker GIF=video",
    "{} dahil edilmedi": "görüntü=image video=video ses=audio belge=document çıkartma=sticker GIF=video",
}
_DELETED = """
This message was deleted|You deleted this message|This message was deleted by admin
Pesan ini dihapus|Pesan ini telah dihapus|Anda menghapus pesan ini|Anda telah menghapus pesan ini
Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht
Se eliminó este mensaje|Eliminaste este mensaje|Este mensaje fue eliminado
Mensagem apagada|Esta mensagem foi apagada|Você apagou esta mensagem|Apagou esta mensagem
Ce message a été supprimé|Vous avez supprimé ce message
Questo messaggio è stato eliminato|Hai eliminato questo messaggio
Dit bericht is verwijderd|Dit bericht werd verwijderd|Je hebt dit bericht verwijderd
Bu mesaj silindi|Bu mesajı sildiniz|Данное сообщение удалено|Вы удалили данное сообщение|Сообщение удалено
Це повідомлення видалено|Ви видалили це повідомлення|Ta wiadomość została usunięta|Usunięto tę wiadomość
Tato zpráva byla odstraněna|Táto správa bola odstránená|Ez az üzenet törölve lett|Törölted ezt az üzenetet
Acest mesaj a fost șters|Αυτό το μήνυμα διαγράφηκε|Διαγράψατε αυτό το μήνυμα
Det här meddelandet har raderats|Denne besked blev slettet|Denne meldingen ble slettet|Tämä viesti poistettiin
تم حذف هذه الرسالة|لقد حذفت هذه الرسالة|حذفت هذه الرسالة|این پیام حذف شد|این پیام حذف شده است|شما این پیام را حذف کردید
הודעה זו נמחקה|מחקת הודעה זו|ההודעה נמחקה|यह मैसेज डिलीट कर दिया गया है|यह संदेश हटा दिया गया है|आपने यह मैसेज डिलीट किया
이 메시지는 삭제되었습니다|삭제된 메시지입니다|메시지를 삭제했습니다|このメッセージは削除されました|メッセージを削除しました
此消息已删除|您已删除此消息|你已删除这条消息|這則訊息已被刪除|你已刪除這則訊息|此訊息已刪除|您已刪除此訊息
Tin nhắn này đã bị xóa|Bạn đã xóa tin nhắn này|ข้อความนี้ถูกลบแล้ว|คุณลบข้อความนี้แล้ว
Mesej ini telah dipadamkan|Anda telah memadamkan mesej ini|Mesej ini dipadam|Anda memadam mesej ini
"""
_CALLS = """
Missed voice call|Missed video call|Missed group voice call|Missed group video call|Panggilan suara tak terjawab
Panggilan video tak terjawab|Verpasster Sprachanruf|Verpasster Videoanruf|Llamada perdida|Videollamada perdida
Chamada de voz perdida|Chamada de vídeo perdida|Appel vocal manqué|Appel vidéo manqué|Chiamata vocale persa
Videochiamata persa|Gemiste spraakoproep|Gemiste video-oproep|Voice call|Video call
"""


def _exact() -> dict[str, str]:
    table = {}
    for template, kinds in _COMBINED.items():
        for pair in kinds.split():
            word, kind = pair.split("=")
            table[template.format(word.replace("_", " ")).casefold()] = kind
    for kind, wordings in (("deleted", _DELETED), ("call", _CALLS)):
        for wording in wordings.replace("\n", "|").split("|"):
            if wording:
                table[wording.casefold()] = kind
                table[wording.casefold() + "."] = kind
    return table


EXACT = _exact()
# Looked up for every message as it stands, so with the capital letters that occur: a hash is cheaper than folding.
EXACT_AS_WRITTEN = frozenset(each for wording in EXACT for each in (wording, wording[0].upper() + wording[1:])) | {
    wording.replace("gif", "GIF") for wording in EXACT if wording.startswith("gif")
}

_EDITED = re.compile(
    r"(?i)[ \u200e]{0,4}<[^<>\n]{0,40}(?:edited|diedit|bearbeitet|edit[óoé]|editad[ao]|modifi|bewerkt|düzenlendi|измен|edytowa|redig|muokat"
    r"|отредакт|編集|编辑|編輯|수정|تعديل|ویرایش|נערכ|संपादित|chỉnh sửa|แก้ไข)[^<>\n]{0,20}>$"
)
_ATTACHED_IOS = re.compile(r"[ \u200e]{0,4}<[^<>:\n]{2,30}: ?(?P<name>[^<>\n]{1,250}\.[A-Za-z0-9]{1,6})>$")
_ATTACHED_ANDROID = re.compile(
    r"(?P<mark>\u200e*)(?P<name>[^\n]{1,250}\.[A-Za-z0-9]{1,6}) \((?P<word>[^()\n]{3,40})\)(?:\n|$)"
)
_WHATSAPP_NAME = re.compile(r"(?:IMG|VID|PTT|AUD|STK|DOC|GIF)-\d{8}-WA\d{4}\.")
_ATTACHED_WORD = re.compile(
    r"(?i)attached|terlampir|dilampirkan|lampir|angehängt|adjunt|joint|anexad|allegat|bijgevoegd|ekli|добавлен|додано|załącz|přilož|pripojen"
    r"|csatolva|bifogad|vedhæftet|vedlagt|liite|ataș|συνημμένο|مرفق|پیوست|מצורף|संलग्न|अटैच|แนบ|đính kèm|添付|첨부|附件"
)
_PLACE = re.compile(r"(?:^|: |\n)https://maps\.google\.com/\?q=-?\d")
_POLL = re.compile(r"(?:POLL|JAJAK PENDAPAT|UMFRAGE|ENCUESTA|ENQUETE|SONDAGE|SONDAGGIO|PEILING|ANKET|ОПРОС):\s")
_EXTENSIONS = {
    "image": "jpg jpeg png heic gif bmp tiff",
    "video": "mp4 mov 3gp avi mkv m4v webm",
    "audio": "opus ogg m4a mp3 aac wav amr",
    "sticker": "webp was",
    "contacts": "vcf",
}
_KIND_OF_EXTENSION = {ending: kind for kind, endings in _EXTENSIONS.items() for ending in endings.split()}


def kind_of_file(name: str) -> str:
    """The kind of message a file makes, by its name alone: the ending, and what WhatsApp puts into names."""
    if "STICKER" in name or name.startswith("STK-"):
        return "sticker"
    return _KIND_OF_EXTENSION.get(name.rpartition(".")[2].lower(), "document")


def read_text(text: str) -> Reading:
    """What a message is. `text` is its whole text, still with U+200E where WhatsApp put it."""
    edited = _EDITED.search(text)
    if edited is not None:
        text = text[: edited.start()]
    reading = _placeholder(text) or Reading("text", text)
    if LEFT_TO_RIGHT in reading.text:
        reading = reading._replace(text=reading.text.replace(LEFT_TO_RIGHT, ""))
    return reading._replace(
        text=reading.text.strip("\n") if reading.kind != "text" else reading.text, is_edited=edited is not None
    )


def _placeholder(text: str) -> Reading | None:
    return _attached(text) or _left_out(text) or _marked(text) or _other(text)


def _attached(text: str) -> Reading | None:
    match = _ATTACHED_IOS.search(text)
    if match is not None and (LEFT_TO_RIGHT in text or _ATTACHED_WORD.search(text, match.start())):
        return Reading(
            kind_of_file(match["name"]), _without_page_count(text[: match.start()], match["name"]), match["name"]
        )
    match = _ATTACHED_ANDROID.match(text)
    if match is not None and (
        match["mark"] or _WHATSAPP_NAME.match(match["name"]) or _ATTACHED_WORD.search(match["word"])
    ):
        return Reading(kind_of_file(match["name"]), text[match.end() :], match["name"])
    return None


def _without_page_count(caption: str, name: str) -> str:
    """iOS repeats a document's own name (`price.pdf • 2 pages`) before the attachment: that is no caption."""
    bare = caption.replace(LEFT_TO_RIGHT, "").strip()
    title = bare.split(" • ")[0]
    return "" if title and name.endswith(title) else bare


def _left_out(text: str) -> Reading | None:
    head, _, rest = text.partition("\n")
    bare = head.replace(LEFT_TO_RIGHT, "").strip()
    if bare.startswith("<") and bare.endswith(">") and len(bare) < _SHORT and bare.count("<") == 1:
        inner = bare[1:-1]
        if _MEDIA.search(inner):
            return Reading("media", rest)
        if _LEFT_OUT.search(inner) and (kind := _kind_in(inner)) is not None:
            return Reading(kind, rest)
    if rest:
        return None
    kind = EXACT.get(bare.casefold())
    return None if kind is None else Reading(kind, bare if kind == "call" else "")


def _marked(text: str) -> Reading | None:
    """What follows U+200E on iOS: a placeholder, alone or behind a caption, or an announcement."""
    start = text.rfind(LEFT_TO_RIGHT)
    if start < 0:
        return None
    caption, tail = text[:start].strip(LEFT_TO_RIGHT + " "), text[start + 1 :].strip()
    begins_marked = text.startswith(LEFT_TO_RIGHT)
    if len(tail) < _SHORT and "\n" not in tail:
        words = tail.casefold()
        kind = EXACT.get(words) or (_kind_in(tail) if _LEFT_OUT.search(tail) else None)
        if kind is not None and not (kind == "call" and caption):
            return Reading(kind, caption if kind not in ("call", "deleted") else tail if kind == "call" else "")
    if not begins_marked:
        return None
    return _other(text.lstrip(LEFT_TO_RIGHT)) or _announcement(text)


def _announcement(text: str) -> Reading:
    bare = text.replace(LEFT_TO_RIGHT, "").strip()
    first = re.split(r"[.,\n]", bare, maxsplit=1)[0]
    if EXACT.get(first.casefold()) == "call":
        return Reading("call", bare)
    return Reading("system", bare)


def _other(text: str) -> Reading | None:
    if _PLACE.search(text):
        return Reading("location", text)
    if _POLL.match(text):
        return Reading("poll", text)
    return None


def _kind_in(words: str) -> str | None:
    return next((kind for kind, pattern in _KINDS if pattern.search(words)), None)
