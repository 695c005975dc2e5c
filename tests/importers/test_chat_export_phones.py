"""Exports as phones in many languages write them, each with what it says: hand-written, one for each way.

Locale forms: facts cloud-api.md section 13. `[L]` stands for U+200E, `[R]` for U+200F, `[N]` for U+202F, `[S]` for U+00A0.
Expected, for each message: its time of day, its author (`-` for an announcement) and its kind, with `*` when edited.
"""

# ruff: noqa: E501 - chats in many scripts, a message a line

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest

from wacli.importers.chat_export import read_chat

_MARKS = {"[L]": "\u200e", "[R]": "\u200f", "[N]": "\u202f", "[S]": "\u00a0"}
_DAY = date(2022, 3, 18)

CHATS = {
    "ar ios native digits": (
        """\
[R][١٨[R]/٣[R]/٢٠٢٢، ٢:٥٦:٠١[N]م] سارة: [L]الرسائل والمكالمات مشفرة تمامًا بين الطرفين.
[R][١٨[R]/٣[R]/٢٠٢٢، ٢:٥٧:٠٠[N]م] سارة: مرحبا
[R][١٨[R]/٣[R]/٢٠٢٢، ٢:٥٨:٠٠[N]م] محل: [L]تم استبعاد الصورة
[R][١٨[R]/٣[R]/٢٠٢٢، ٩:٥٨:٠٠[N]ص] محل: حسنا""",
        """\
14:56:01 سارة system
14:57 سارة text
14:58 محل image
09:58 محل text""",
    ),
    "ar android": (
        """\
٢٠٢٢/٣/١٨، ٢:٥٦ م - تم تشفير الرسائل
٢٠٢٢/٣/١٨، ٢:٥٧ م - سارة: مرحبا
٢٠٢٢/٣/١٨، ٢:٥٨ م - سارة: <تم استبعاد الوسائط>
٢٠٢٢/٣/١٨، ٢:٥٩ م - محل: تم حذف هذه الرسالة""",
        """\
14:56 - system
14:57 سارة text
14:58 سارة media
14:59 محل deleted""",
    ),
    "ko android": (
        """\
2022년 3월 18일 오후 2:56, 사리 : 안녕
2022년 3월 18일 오전 9:05, 가게 : 네""",
        """\
14:56 사리 text
09:05 가게 text""",
    ),
    "ko android2": (
        """\
2022. 3. 18. 오후 2:56 - 메시지와 통화는 종단간 암호화됩니다.
2022. 3. 18. 오후 2:56 - 사리: 안녕
2022. 3. 18. 오전 12:05 - 가게: <미디어 파일을 제외한 내용>
2022. 3. 19. 오전 12:06 - 가게: 삭제된 메시지입니다""",
        """\
14:56 - system
14:56 사리 text
00:05 가게 media
+1d 00:06 가게 deleted""",
    ),
    "ko ios": (
        """\
[2022. 3. 18. 오후 2:56:01] 사리: 안녕
[2022. 3. 18. 오후 2:57:01] 사리: [L]사진 생략됨
[2022. 3. 18. 오후 2:58:01] 가게: [L]이미지 제외됨""",
        """\
14:56:01 사리 text
14:57:01 사리 image
14:58:01 가게 image""",
    ),
    "ja ios": (
        """\
[2022/03/18 14:56:01] サリ: こんにちは
[2022/03/18 14:57:01] サリ: [L]画像は含まれていません
[2022/03/18 14:57:02] サリ: [L]画像を省略しました""",
        """\
14:56:01 サリ text
14:57:01 サリ image
14:57:02 サリ image""",
    ),
    "ja android": (
        """\
2022/03/18 14:56 - サリ: こんにちは
2022/03/18 14:57 - サリ: <メディアは含まれていません>""",
        """\
14:56 サリ text
14:57 サリ media""",
    ),
    "ja 12": (
        """\
2022/03/18 午後2:56 - サリ: こんにちは
2022/03/18 午前0:57 - サリ: はい""",
        """\
14:56 サリ text
00:57 サリ text""",
    ),
    "zh-CN android": (
        """\
2022/3/18 下午2:56 - 莎莉: 你好
2022/3/18 上午9:05 - 店: <省略多媒体文件>
2022/3/18 晚上11:05 - 店: 此消息已删除""",
        """\
14:56 莎莉 text
09:05 店 media
23:05 店 deleted""",
    ),
    "zh-CN ios": (
        """\
[2022/3/18 下午2:56:01] 莎莉: 你好
[2022/3/18 下午2:57:01] 莎莉: [L]图像已忽略
[2022/3/18 凌晨2:57:01] 莎莉: [L]视频已忽略""",
        """\
14:56:01 莎莉 text
14:57:01 莎莉 image
02:57:01 莎莉 video""",
    ),
    "zh-TW ios": (
        """\
[2022/3/18 下午2:56:01] 莎莉: 你好
[2022/3/18 下午2:57:01] 莎莉: [L]圖片已略去
[2022/3/18 中午12:57:01] 莎莉: [L]影片已略去""",
        """\
14:56:01 莎莉 text
14:57:01 莎莉 image
12:57:01 莎莉 video""",
    ),
    "hi android": (
        """\
18/03/22, 2:56 pm - सारी: नमस्ते
18/03/22, 9:05 am - दुकान: <मीडिया के बिना>""",
        """\
14:56 सारी text
09:05 दुकान media""",
    ),
    "hi ios": (
        """\
[18/03/22, 2:56:01[N]अपराह्न] सारी: नमस्ते
[18/03/22, 9:05:01[N]पूर्वाह्न] दुकान: [L]इमेज छोड़ा गया""",
        """\
14:56:01 सारी text
09:05:01 दुकान image""",
    ),
    "th buddhist": (
        """\
18/3/2565 14:56 - ซารี: สวัสดี
18/3/2565 14:57 - ซารี: <ไม่รวมไฟล์สื่อ>""",
        """\
14:56 ซารี text
14:57 ซารี media""",
    ),
    "th buddhist 2": (
        """\
[18/3/2565 BE 14:56:01] ซารี: สวัสดี
[18/3/2565 BE 14:57:01] ซารี: [L]ไม่รวมรูปภาพ""",
        """\
14:56:01 ซารี text
14:57:01 ซารี image""",
    ),
    "th 2 digit": (
        """\
18/3/65 14:56 - ซารี: สวัสดี
19/3/65 14:57 - ซารี: ค่ะ""",
        """\
14:56 ซารี text
+1d 14:57 ซารี text""",
    ),
    "fa": (
        """\
۱۴۰۰/۱۲/۲۷،[R] ۱۴:۵۶ - سارا: سلام
۱۴۰۰/۱۲/۲۷،[R] ۱۴:۵۷ - سارا: <رسانه حذف شد>""",
        """\
14:56 سارا text
14:57 سارا media""",
    ),
    "fa greg": (
        """\
2022/3/18،[R] 14:56 - سارا: سلام
2022/3/18،[R] 14:57 - سارا: <پیوست نشده است>""",
        """\
14:56 سارا text
14:57 سارا media""",
    ),
    "tr android": (
        """\
18.03.2022 14:56 - Sarı: merhaba
18.03.2022 14:57 - Sarı: <Medya dahil edilmedi>
18.03.2022 14:58 - Sarı: Bu mesaj silindi""",
        """\
14:56 Sarı text
14:57 Sarı media
14:58 Sarı deleted""",
    ),
    "tr ios": (
        """\
[18.03.2022 14:56:01] Sarı: merhaba
[18.03.2022 14:57:01] Sarı: [L]görüntü dahil edilmedi""",
        """\
14:56:01 Sarı text
14:57:01 Sarı image""",
    ),
    "de um": (
        """\
18.03.22 um 14:56 - Sara: Hallo
18.03.22 um 14:57 - Sara: <Medien ausgeschlossen>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "de": (
        """\
18.03.22, 14:56 - Sara: Hallo
18.03.22, 14:57 - Laden: IMG-20220318-WA0001.jpg (Datei angehängt)
Schau mal
18.03.22, 14:58 - Sara: <Diese Nachricht wurde bearbeitet.>""",
        """\
14:56 Sara text
14:57 Laden image
14:58 Sara text*""",
    ),
    "fr": (
        """\
18/03/2022 à 14:56 - Sara: Bonjour
18/03/2022 à 14:57 - Sara: <Médias omis>
18/03/2022 à 14:58 - Sara: Ok <Ce message a été modifié>""",
        """\
14:56 Sara text
14:57 Sara media
14:58 Sara text*""",
    ),
    "es am": (
        """\
18/3/22 2:56 p. m. - Sara: Hola
18/3/22 9:57 a. m. - Sara: <Multimedia omitido>
18/3/22 12:57 p. m. - Tienda: Se eliminó este mensaje.""",
        """\
14:56 Sara text
09:57 Sara media
12:57 Tienda deleted""",
    ),
    "es nbsp": (
        """\
18/3/22, 2:56[S]p.[S]m. - Sara: Hola""",
        """\
14:56 Sara text""",
    ),
    "pt": (
        """\
18/03/2022 14:56 - Sara: Oi
18/03/2022 14:57 - Sara: <Mídia oculta>
18/03/2022 14:58 - Sara: Mensagem apagada""",
        """\
14:56 Sara text
14:57 Sara media
14:58 Sara deleted""",
    ),
    "it": (
        """\
18/03/22, 14:56 - Sara: Ciao
18/03/22, 14:57 - Sara: <Media omessi>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "ru": (
        """\
18.03.2022, 14:56 - Сара: Привет
18.03.2022, 14:57 - Сара: <Без медиафайлов>
18.03.2022, 14:58 - Сара: Данное сообщение удалено""",
        """\
14:56 Сара text
14:57 Сара media
14:58 Сара deleted""",
    ),
    "nl": (
        """\
18-03-2022 14:56 - Sara: Hoi
18-03-2022 14:57 - Sara: <Media weggelaten>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "nl ios": (
        """\
[18-03-2022 14:56:01] Sara: Hoi
[18-03-2022 14:57:01] Sara: [L]afbeelding weggelaten""",
        """\
14:56:01 Sara text
14:57:01 Sara image""",
    ),
    "pl": (
        """\
18.03.2022, 14:56 - Sara: Cześć
18.03.2022, 14:57 - Sara: <pominięto multimedia>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "fi": (
        """\
[18.3.2022 klo 14.56.01] Sara: Moi
[18.3.2022 klo 14.57.01] Sara: [L]kuva jätettiin pois""",
        """\
14:56:01 Sara text
14:57:01 Sara image""",
    ),
    "sv": (
        """\
2022-03-18 14:56 - Sara: Hej
2022-03-18 14:57 - Sara: <Media har utelämnats>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "da": (
        """\
18.03.2022 14.56 - Sara: Hej
18.03.2022 14.57 - Sara: <Mediefil udeladt>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "nb": (
        """\
18.03.2022, 14:56 - Sara: Hei
18.03.2022, 14:57 - Sara: <Media er utelatt>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "cs": (
        """\
18.03.22 14:56 - Sára: Ahoj
18.03.22 14:57 - Sára: <Média vynechána>""",
        """\
14:56 Sára text
14:57 Sára media""",
    ),
    "hu": (
        """\
2022. 03. 18. 14:56 - Sára: Szia
2022. 03. 18. 14:57 - Sára: <Média kihagyva>""",
        """\
14:56 Sára text
14:57 Sára media""",
    ),
    "ro": (
        """\
18.03.2022, 14:56 - Sara: Salut
18.03.2022, 14:57 - Sara: <Fișier media omis>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "el": (
        """\
18/3/22, 2:56 μ.μ. - Σάρα: Γεια
18/3/22, 9:57 π.μ. - Σάρα: <Τα πολυμέσα παραλείφθηκαν>""",
        """\
14:56 Σάρα text
09:57 Σάρα media""",
    ),
    "he": (
        """\
18.3.2022, 14:56 - שרה: שלום
18.3.2022, 14:57 - שרה: <המדיה לא נכללה>""",
        """\
14:56 שרה text
14:57 שרה media""",
    ),
    "he ios": (
        """\
[18.3.2022, 14:56:01] שרה: שלום
[18.3.2022, 14:57:01] שרה: [L]התמונה הושמטה""",
        """\
14:56:01 שרה text
14:57:01 שרה image""",
    ),
    "uk": (
        """\
18.03.22, 14:56 - Сара: Привіт
18.03.22, 14:57 - Сара: <Медіа пропущено>""",
        """\
14:56 Сара text
14:57 Сара media""",
    ),
    "vi": (
        """\
14:56, 18/03/2022 - Sara: Chào
14:57, 18/03/2022 - Sara: <Bỏ qua file phương tiện>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "vi ios": (
        """\
[14:56:01, 18/3/22] Sara: Chào
[14:57:01, 18/3/22] Sara: [L]bỏ qua hình ảnh""",
        """\
14:56:01 Sara text
14:57:01 Sara image""",
    ),
    "ms": (
        """\
18/03/2022, 2:56 PTG - Sara: Hai
18/03/2022, 9:57 PG - Sara: <Media disingkirkan>""",
        """\
14:56 Sara text
09:57 Sara media""",
    ),
    "id ios": (
        """\
[18/03/22 14.56.01] Sari: halo
[18/03/22 14.57.01] Sari: [L]gambar tidak disertakan
[18/03/22 14.58.01] Toko: [L]Pesan ini dihapus.
[18/03/22 14.59.01] ~[N]Budi: halo""",
        """\
14:56:01 Sari text
14:57:01 Sari image
14:58:01 Toko deleted
14:59:01 Budi text""",
    ),
    "bn": (
        """\
১৮/৩/২২, ২:৫৬ PM - সারা: হ্যালো
১৮/৩/২২, ২:৫৭ PM - সারা: <মিডিয়া বাদ দেওয়া হয়েছে>""",
        """\
14:56 সারা text
14:57 সারা media""",
    ),
    "mr": (
        """\
१८/३/२२, २:५६ म.उ. - सारा: नमस्कार
१८/३/२२, ९:५६ म.पू. - सारा: नमस्कार""",
        """\
14:56 सारा text
09:56 सारा text""",
    ),
    "ta": (
        """\
18/3/22, 2:56 பிற்பகல் - சாரா: வணக்கம்
18/3/22, 9:56 முற்பகல் - சாரா: <மீடியா விலக்கப்பட்டது>""",
        """\
14:56 சாரா text
09:56 சாரா media""",
    ),
    "te": (
        """\
18/03/22, 2:56 PM - సారా: హలో
18/03/22, 2:57 PM - సారా: <మీడియా విస్మరించబడింది>""",
        """\
14:56 సారా text
14:57 సారా media""",
    ),
    "ur": (
        """\
18/3/22، 2:56 PM - سارہ: ہیلو
18/3/22، 2:57 PM - سارہ: <میڈیا کو چھوڑ دیا گیا>""",
        """\
14:56 سارہ text
14:57 سارہ media""",
    ),
    "sw": (
        """\
18/03/2022, 14:56 - Sara: Habari
18/03/2022, 14:57 - Sara: <Media haijajumuishwa>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "en nnbsp": (
        """\
3/18/22, 2:56[N]PM - Sara: hi
3/18/22, 2:57[N]PM - Sara: <Media omitted>
3/18/22, 2:58[N]PM - Shop: This message was deleted
3/18/22, 2:59[N]PM - Shop: ok <This message was edited>
3/18/22, 3:00[N]PM - Sara: null
3/18/22, 3:01[N]PM - Sara: Missed voice call
3/18/22, 3:02[N]PM - Sara: location: https://maps.google.com/?q=-6.2,106.8""",
        """\
14:56 Sara text
14:57 Sara media
14:58 Shop deleted
14:59 Shop text*
15:00 Sara text
15:01 Sara call
15:02 Sara location""",
    ),
    "en ios": (
        """\
[3/18/22, 2:56:01[N]PM] Sara: hi
[L][3/18/22, 2:57:01[N]PM] Sara: [L]image omitted
[L][3/18/22, 2:58:01[N]PM] Sara: look [L]<attached: 00000035-PHOTO-2022-03-18-14-58-01.jpg>
[3/18/22, 2:59:01[N]PM] Sara: [L]You deleted this message.
[3/18/22, 3:01:01[N]PM] Sara: x [L]<This message was edited>
[L][3/18/22, 3:02:01[N]PM] Sara: [L]POLL:
Lunch?
[L]OPTION: yes (1 vote)""",
        """\
14:56:01 Sara text
14:57:01 Sara image
14:58:01 Sara image
14:59:01 Sara deleted
15:01:01 Sara text*
15:02:01 Sara poll""",
    ),
    "group": (
        """\
18/03/22, 14:56 - Sara created group "Promo: Lebaran"
18/03/22, 14:56 - You were added
18/03/22, 14:57 - Sara: hi
18/03/22, 14:58 - Budi left
18/03/22, 14:58 - Sara changed the subject from "a: b" to "c"
18/03/22, 14:59 - +62 812-3456-7890: ok
18/03/22, 14:59 - Sara pinned a message""",
        """\
14:56 - system
14:56 - system
14:57 Sara text
14:58 - system
14:58 - system
14:59 +62 812-3456-7890 text
14:59 - system""",
    ),
    "colon no space": (
        """\
18/03/22, 14:56 - Sara:hi there
18/03/22, 14:57 - Sara: ok""",
        """\
14:56 - system
14:57 Sara text""",
    ),
    "ms dot": (
        """\
18.3.22, 2.56 PM - Sara: hi
19.3.22, 2.57 PM - Sara: ok""",
        """\
14:56 Sara text
+1d 14:57 Sara text""",
    ),
    "bg": (
        """\
18.03.22 г., 14:56 ч. - Сара: Здравей
18.03.22 г., 14:57 ч. - Сара: <Мултимедията е пропусната>""",
        """\
14:56 Сара text
14:57 Сара media""",
    ),
    "hr": (
        """\
18. 03. 2022. 14:56 - Sara: Bok
18. 03. 2022. 14:57 - Sara: <Mediji izostavljeni>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "sk": (
        """\
18. 3. 2022, 14:56 - Sára: Ahoj
18. 3. 2022, 14:57 - Sára: <Médiá vynechané>""",
        """\
14:56 Sára text
14:57 Sára media""",
    ),
    "sl": (
        """\
18. 3. 22, 14:56 - Sara: Živjo
18. 3. 22, 14:57 - Sara: <Medij izpuščen>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "lt": (
        """\
2022-03-18 14:56 - Sara: Labas
2022-03-18 14:57 - Sara: <Praleista medija>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "lv": (
        """\
18.03.22, 14:56 - Sara: Sveiki""",
        """\
14:56 Sara text""",
    ),
    "et": (
        """\
18.03.22, 14:56 - Sara: Tere""",
        """\
14:56 Sara text""",
    ),
    "ca": (
        """\
18/3/22, 14:56 - Sara: Hola
18/3/22, 14:57 - Sara: <Mitjans omesos>""",
        """\
14:56 Sara text
14:57 Sara media""",
    ),
    "zh-HK": (
        """\
18/3/2022 下午2:56 - 莎莉: 你好
18/3/2022 下午2:57 - 莎莉: <已略去媒體檔案>""",
        """\
14:56 莎莉 text
14:57 莎莉 media""",
    ),
    "ar iraq sm": (
        """\
18/3/2022, 2:56 م - سارة: مرحبا
18/3/2022, 2:57 ص - سارة: <لا تتضمن وسائط>""",
        """\
14:56 سارة text
02:57 سارة media""",
    ),
    "pt ios": (
        """\
[18/03/2022, 14:56:01] Sara: Oi
[18/03/2022, 14:57:01] Sara: [L]imagem ocultada
[18/03/2022, 14:58:01] Sara: [L]áudio ocultado""",
        """\
14:56:01 Sara text
14:57:01 Sara image
14:58:01 Sara audio""",
    ),
}


def _said(text: str) -> str:
    said = []
    for message in read_chat(io.BytesIO(text.encode()), zone=UTC).messages():
        at = datetime.fromtimestamp(message.at, UTC)
        later = (at.date() - _DAY).days
        time = f"{at:%H:%M:%S}".removesuffix(":00")
        edited = "*" if message.is_edited else ""
        said.append(f"{f'+{later}d ' if later else ''}{time} {message.author or '-'} {message.kind}{edited}")
    return "\n".join(said)


@pytest.mark.parametrize("name", CHATS)
def test_an_export_is_read_completely(name: str) -> None:
    text, expected = CHATS[name]
    for mark, char in _MARKS.items():
        text = text.replace(mark, char)
    assert _said(text) == expected
    assert _said("\ufeff" + text.replace("\n", "\r\n")) == expected, "with a byte order mark and Windows line ends"


@pytest.mark.parametrize("name", CHATS)
def test_nothing_is_lost(name: str) -> None:
    """What is taken for text, and no placeholder, comes back word for word."""
    text, _ = CHATS[name]
    for mark, char in _MARKS.items():
        text = text.replace(mark, char)
    findings = (chat := read_chat(io.BytesIO(text.encode()), zone=UTC)).findings
    texts = [message.text for message in chat.messages() if message.kind in ("text", "system")]
    plain = text.replace("\u200e", "").replace("\u202f", " ").replace("\u200f", "").replace("\u00a0", " ")
    assert all(one in plain for one in texts)
    assert list(findings) == []
