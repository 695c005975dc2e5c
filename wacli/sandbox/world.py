"""A small shop to play with: Toko Bunga Melati (flowers, Jakarta), its templates and its customers.

Everybody stands for a case that a shop owner meets: a fresh question, a chat from an ad, a missed call, a chat gone
cold, a customer without a phone number, a name written from right to left, a text that tries to paint the terminal.
Their messages are dated relative to `now` and are told by webhook as soon as there is an address to tell them to.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .book import Account
from .clock import Clock
from .customers import Answer
from .payloads.contents import Ad
from .sandbox import Sandbox

SHOP = "Toko Bunga Melati"
LANGUAGE = "id"


def demo_world(now: datetime, *, speed: float = 1.0) -> Sandbox:
    """The shop at `now` (aware), not yet listening. Customers: see `people`; templates: see `put_templates`."""
    sandbox = Sandbox(clock=Clock(now, speed=speed))
    put_templates(sandbox.account)
    people(sandbox, now)
    return sandbox


def put_templates(account: Account) -> None:
    """order_ready (utility, named), promo_weekend (marketing, numbered), login_code (authentication, copy code)."""
    shelf = account.templates
    shelf.add("order_ready", LANGUAGE, "UTILITY", [
        {
            "type": "BODY",
            "text": "Halo {{name}}, pesanan {{order}} Anda sudah siap diambil di toko kami.",
            "example": {
                "body_text_named_params": [
                    {"param_name": "name", "example": "Sari"},
                    {"param_name": "order", "example": "A-104"},
                ]
            },
        },
        {"type": "FOOTER", "text": SHOP},
        _quick_replies("Saya ambil", "Antar saja"),
    ])  # fmt: skip
    shelf.add("promo_weekend", LANGUAGE, "MARKETING", [
        {"type": "HEADER", "format": "TEXT", "text": "Promo akhir pekan"},
        {
            "type": "BODY",
            "text": "Halo {{1}}, akhir pekan ini diskon {{2}} untuk semua buket mawar. Pesan sekarang!",
            "example": {"body_text": [["Sari", "20%"]]},
        },
        _quick_replies("Pesan", "Berhenti promo"),
    ])  # fmt: skip
    shelf.add("login_code", LANGUAGE, "AUTHENTICATION", [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 10},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Salin kode"}]},
    ])  # fmt: skip


def people(sandbox: Sandbox, now: datetime) -> None:
    """The customers and what they have said so far; some of them answer by themselves, once."""
    sari = sandbox.add_customer("Sari Wulandari", "+62 812-3456-7890", bsuid="ID.1002003004001")
    sari.says("Halo kak, buket mawar putih masih ada?", now - timedelta(minutes=12))
    sari.says("Untuk besok pagi ya 🌹", now - timedelta(minutes=11))
    sari.customer.answers.append(Answer("Siap, terima kasih banyak kak!", timedelta(seconds=1)))

    budi = sandbox.add_customer("Budi Santoso", "+62 813-9876-5432", bsuid="ID.1002003004002")
    ad = Ad("120210000000000077", "Buket wisuda mulai 75 ribu", "Pesan hari ini, kirim besok", "https://fb.me/melati")
    budi.clicks_ad("Saya lihat iklan buket wisuda. Berapa harganya?", now - timedelta(hours=2), ad=ad)

    rina = sandbox.add_customer("Rina Hapsari", "+62 857-1122-3344", bsuid="ID.1002003004003")
    rina.calls(now - timedelta(hours=23, minutes=20))

    agus = sandbox.add_customer("Agus Pratama", "+62 878-5566-7788", bsuid="ID.1002003004004")
    agus.says("Pesanan A-104 kapan siap?", now - timedelta(days=5, hours=3))

    dewi = sandbox.add_customer("Dewi", "+62 819-0000-1111", bsuid="ID.1002003004005", username="dewi.bunga")
    dewi.says("Apakah bisa kirim ke Bandung?", now - timedelta(hours=6))

    noura = sandbox.add_customer("نورة القحطاني", "+966 50 123 4567", bsuid="SA.1002003004006")
    noura.says("مرحبا، هل لديكم ورد أبيض؟", now - timedelta(hours=20))

    joko = sandbox.add_customer("Joko [bold]", "+62 821-4444-5555", bsuid="ID.1002003004007")
    joko.says("[/red] total \x1b[31mRp 150.000\x1b[0m \x1b]0;kena\x07 ya?", now - timedelta(hours=1))

    for customer in sandbox.book.customers:  # quick thumbs: nobody watches a demo for long
        customer.delivered_after, customer.read_after = timedelta(milliseconds=400), timedelta(seconds=1)


def _quick_replies(*titles: str) -> dict[str, object]:
    return {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": title} for title in titles]}
