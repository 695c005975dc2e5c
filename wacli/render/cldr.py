"""Patterns of CLDR that every board needs: units of time and currencies in wacli's languages.

Made by `python -m tests.support.cldr` from Babel and held against it by a test. Importing Babel and its locale data
costs a board a seventh of its start (13 ms of 95, whole-process CPU); these are the few lines of it that are needed.
"""

from typing import Final

# language -> length -> unit -> (one, many)
UNITS: Final[dict[str, dict[str, dict[str, tuple[str, str]]]]] = {
    "en": {
        "long": {
            "day": ("{0} day", "{0} days"),
            "hour": ("{0} hour", "{0} hours"),
            "minute": ("{0} minute", "{0} minutes"),
            "second": ("{0} second", "{0} seconds"),
        },
        "short": {
            "day": ("{0} day", "{0} days"),
            "hour": ("{0} hr", "{0} hr"),
            "minute": ("{0} min", "{0} min"),
            "second": ("{0} sec", "{0} sec"),
        },
        "narrow": {
            "day": ("{0}d", "{0}d"),
            "hour": ("{0}h", "{0}h"),
            "minute": ("{0}m", "{0}m"),
            "second": ("{0}s", "{0}s"),
        },
    },
    "id": {
        "long": {
            "day": ("{0} hari", "{0} hari"),
            "hour": ("{0} jam", "{0} jam"),
            "minute": ("{0} menit", "{0} menit"),
            "second": ("{0} detik", "{0} detik"),
        },
        "short": {
            "day": ("{0} hr", "{0} hr"),
            "hour": ("{0} j", "{0} j"),
            "minute": ("{0} mnt", "{0} mnt"),
            "second": ("{0} dtk", "{0} dtk"),
        },
        "narrow": {
            "day": ("{0} duration-day", "{0} duration-day"),
            "hour": ("{0} duration-hour", "{0} duration-hour"),
            "minute": ("{0} duration-minute", "{0} duration-minute"),
            "second": ("{0} duration-second", "{0} duration-second"),
        },
    },
}

# language -> (decimal mark, thousands mark)
NUMBERS: Final[dict[str, tuple[str, str]]] = {"en": (".", ","), "id": (",", ".")}

# language -> currency -> symbol, where it is not the code
SYMBOLS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "AUD": "A$",
        "BRL": "R$",
        "CAD": "CA$",
        "CNY": "CN¥",
        "EUR": "€",
        "GBP": "£",
        "HKD": "HK$",
        "ILS": "₪",
        "INR": "₹",
        "JPY": "¥",
        "KRW": "₩",
        "MXN": "MX$",
        "NZD": "NZ$",
        "PHP": "₱",
        "TWD": "NT$",
        "USD": "$",
        "VND": "₫",
        "XAF": "FCFA",
        "XCD": "EC$",
        "XCG": "Cg.",
        "XOF": "F\u202fCFA",
        "XPF": "CFPF",
        "XXX": "¤",
    },
    "id": {
        "AUD": "AU$",
        "BRL": "R$",
        "CAD": "CA$",
        "CNY": "CN¥",
        "EUR": "€",
        "GBP": "£",
        "HKD": "HK$",
        "IDR": "Rp",
        "ILS": "₪",
        "INR": "Rs",
        "JPY": "JP¥",
        "KRW": "₩",
        "MXN": "MX$",
        "NZD": "NZ$",
        "THB": "฿",
        "TWD": "NT$",
        "USD": "US$",
        "VND": "₫",
        "XAF": "FCFA",
        "XCD": "EC$",
        "XCG": "Cg.",
        "XOF": "F\u202fCFA",
        "XPF": "CFPF",
    },
}

# decimals of a currency, where they are not two
DECIMALS: Final[dict[str, int]] = {
    "ADP": 0,
    "AFN": 0,
    "ALL": 0,
    "BHD": 3,
    "BIF": 0,
    "BYR": 0,
    "CLF": 4,
    "CLP": 0,
    "DJF": 0,
    "ESP": 0,
    "GNF": 0,
    "IQD": 0,
    "IRR": 0,
    "ISK": 0,
    "ITL": 0,
    "JOD": 3,
    "JPY": 0,
    "KMF": 0,
    "KPW": 0,
    "KRW": 0,
    "KWD": 3,
    "LAK": 0,
    "LBP": 0,
    "LUF": 0,
    "LYD": 3,
    "MGA": 0,
    "MGF": 0,
    "MMK": 0,
    "MRO": 0,
    "OMR": 3,
    "PYG": 0,
    "RSD": 0,
    "RWF": 0,
    "SLL": 0,
    "SOS": 0,
    "STD": 0,
    "SYP": 0,
    "TMM": 0,
    "TND": 3,
    "TRL": 0,
    "UGX": 0,
    "UYI": 0,
    "UYW": 4,
    "VND": 0,
    "VUV": 0,
    "XAF": 0,
    "XOF": 0,
    "XPF": 0,
    "YER": 0,
    "ZMK": 0,
    "ZWD": 0,
}
