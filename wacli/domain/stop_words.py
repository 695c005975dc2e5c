"""Words by which people stop promotions, or want them again: the whole message, punctuation, case and accents aside.

Meta's policy obliges a business to respect every request to stop, on WhatsApp or off it; its own stop button arrives
as `user_preferences` and covers marketing (facts: cloud-api.md section 9, pricing.md section 11). A word in a chat is
read the same way: it stops *marketing*, which is what people answer it to. Order updates go on, because a customer
who waits for a parcel is not helped by silence; the owner stops those too with `wacli contacts opt-out`.

What is in the list, and what is not, by language:

- Words that SMS and WhatsApp footers teach (stop, unsubscribe, unreg, baja, sair) and the labels of Meta's own opt-out
  buttons ("Stop promotions" and what shops write instead of it).
- Left out on purpose: cancel, batal, cancelar, end, fin, keluar, no, tidak. In a shop's chat they are about an order.
- `para` and `alto` are Portuguese and Spanish for stop, and everyday words besides; as a whole message they are not.
- Start words only undo a stop (`wacli.domain.consent`): "mulai" from somebody who never stopped means something else.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

_STOP = (
    # English
    "stop", "stop all", "stopall", "stop promotions", "stop promotion", "stop promo", "stop marketing", "stop messages",
    "stop messaging me", "please stop", "unsubscribe", "unsubscribe me", "opt out", "optout", "remove me", "quit",
    # Indonesian
    "berhenti", "henti", "hentikan", "berhenti promo", "berhenti promosi", "hentikan promo", "hentikan promosi",
    "berhenti berlangganan", "henti langganan", "stop promosi", "stop kirim", "stop kirim pesan", "stop iklan", "unreg",
    "jangan kirim lagi", "jangan kirim pesan lagi", "jangan kirim promo lagi", "tolong berhenti",
    # Spanish
    "baja", "darme de baja", "dar de baja", "dame de baja", "alto", "parar", "detener", "detener promociones",
    "parar promociones", "no mas mensajes", "no mas promociones", "cancelar suscripcion", "desuscribir",
    "desuscribirme", "por favor paren",
    # Portuguese
    "pare", "para", "parem", "parar promocoes", "sair", "sair da lista", "descadastrar", "descadastre me", "remover",
    "cancelar inscricao", "nao quero mais receber", "nao quero receber", "chega de promocoes",
)  # fmt: skip
_START = (
    # English
    "start", "unstop", "subscribe", "resume", "opt in", "optin", "resume promotions", "start promotions",
    # Indonesian
    "mulai", "mulai lagi", "mulai promo", "langganan", "berlangganan", "reg", "lanjutkan promo",
    # Spanish
    "alta", "darme de alta", "reanudar", "reanudar promociones", "suscribir", "suscribirme",
    # Portuguese
    "iniciar", "retomar", "retomar promocoes", "inscrever", "quero receber", "voltar a receber",
)  # fmt: skip

_NOT_A_WORD = re.compile(r"[\W_]+")
_LONGEST = 60  # no word of the list comes near it, however it is decorated


class Wish(StrEnum):
    """What a message asks for."""

    STOP = "stop"
    START = "start"


_FIRST_WORD = re.compile(r"[\W_]*([a-z]+)")
_WISHES = dict.fromkeys(_STOP, Wish.STOP) | dict.fromkeys(_START, Wish.START)
_FIRST_WORDS = frozenset(wish.split()[0] for wish in _WISHES)


def wish_of(text: str | None) -> Wish | None:
    """What a whole message asks for, or None: nearly always None, and then quickly."""
    if text is None or not 2 < len(text) <= _LONGEST:
        return None
    if text.isascii():
        first = _FIRST_WORD.match(text.lower())
        if first is None or first[1] not in _FIRST_WORDS:
            return None
    return _WISHES.get(_plain(text))


def _plain(text: str) -> str:
    folded = text.casefold()
    if not folded.isascii():
        split = unicodedata.normalize("NFKD", folded)  # full-width letters too
        folded = "".join(char for char in split if not unicodedata.combining(char))
    return _NOT_A_WORD.sub(" ", folded).strip()
