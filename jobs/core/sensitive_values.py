"""Finds email addresses, phone numbers, card numbers, IBANs and keys in a text.

Only what has the form of such a value is found: docs/data.md lists the limits. The time grows with
the length of the text only, whatever it holds.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Literal, get_args

Kind = Literal["email", "phone", "card", "iban", "key"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PRECEDENCE: tuple[Kind, ...] = ("key", "email", "iban", "card", "phone")
"""A text that may be of two kinds is of the first one."""

JSON_ESCAPE = re.compile(r"\\(?:[bfnrt]|u[0-9A-Fa-f]{4})")
"""Prompts hold JSON, where a line break before a value looks like a letter of it."""
BLANK = "\0"
"""Stands for an escape, and for what is found already; part of no value."""

LETTERS = "A-Za-z\u00c0-\u052f"
"""Of addresses: Latin, Greek and Cyrillic. Scripts without blanks between words would join them."""
KEY_SHAPES = (
    r"\b(?:sk-[A-Za-z0-9_-]{8,}|(?:AKIA|ASIA)[A-Z0-9]{16}\b|gh[opsru]_[A-Za-z0-9]{20,}"
    r"|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,}|xox[a-z]-[A-Za-z0-9-]{10,}"
    r"|AIza[A-Za-z0-9_-]{35}|[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|hf_[A-Za-z0-9]{20,}"
    r"|lore_[A-Za-z0-9]{8}_[A-Za-z0-9]{36})"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]*"
)
"""Keys of well-known services, by their prefix, and JSON web tokens."""
PRIVATE_KEY = (
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY[A-Z ]{0,10}-----[^-]*+(?:-(?!----)[^-]*+)*+"
    r"-----END [A-Z ]{0,50}-----"
)
BEARER = r"(?i:(?<=\bbearer ))(?=[A-Za-z._~+/=-]*+\d)[A-Za-z0-9._~+/=-]{16,}"
URL_PASSWORD = r"(?<=://)[^\s\0/@:\"']{1,256}:[^\s\0/@\"']{1,256}(?=@)"
GAP = "[ ./()\u00a0\u202f\u2011-]{0,2}"
NO_DATE = r"(?!\d{1,2}[./-]\d{1,2}[./ -](?:19|20)\d\d)"
PHONES = (
    rf"(?<!\w)(?:\+|00)[1-9](?:{GAP}\d){{6,14}}(?!\d)",  # international
    rf"(?<![\w+])(?<!\d[.,/-]){NO_DATE}\(?0[1-9](?:{GAP}\d){{7,10}}(?!\d)",  # with a trunk 0
    r"(?<![\w+])(?:1[ .-])?[2-9]\d\d([ .-])\d{3}\1\d{4}(?!\d)",  # North American
    r"(?<!\w)\([2-9]\d\d\) ?\d{3}[ .-]\d{4}(?!\d)",
)
IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"(..)(\d\d) ?",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
        "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
        "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
        "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
        "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30",
    )
}
"""Characters of an IBAN by country."""
CARD_DIGITS = range(13, 20)


def find(text: str, kinds: Collection[str]) -> list[tuple[int, int, Kind]]:
    """Returns start, end and kind of each value in order; they do not overlap."""
    rest = JSON_ESCAPE.sub(_blank, text)
    values: list[tuple[int, int, Kind]] = []
    for kind in PRECEDENCE:
        if kind in kinds:
            spans = [*_spans(kind, rest)]
            values += [(start, end, kind) for start, end in spans]
            rest = _without(rest, spans)
    return sorted(values)


def _spans(kind: Kind, text: str) -> Iterator[tuple[int, int]]:
    pattern, length_of = DETECTORS[kind]
    position = 0
    while match := pattern.search(text, position):
        length = length_of(match[0])
        if length:
            yield match.start(), match.start() + length
        position = match.start() + (length or 1)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts, position = [], 0
    for start, end in spans:
        parts += [text[position:start], BLANK * (end - start)]
        position = end
    return "".join([*parts, text[position:]])


def _blank(match: re.Match[str]) -> str:
    return BLANK * len(match[0])


def _card_length(candidate: str) -> int:
    """Returns how much of a row of digits is a card number by its check digit (Luhn), or 0.

    A number ends where a group of digits ends; more groups may follow.
    """
    length = count = 0
    sums = [0, 0]  # with the digits at even places doubled, and with those at odd places
    for index, character in enumerate(candidate):
        if not character.isdigit():
            continue
        digit, doubled = int(character), int(character) * 2
        sums[count % 2] += doubled - 9 * (doubled > 9)
        sums[1 - count % 2] += digit
        count += 1
        is_group_end = not candidate[index + 1 : index + 2].isdigit()
        if is_group_end and count in CARD_DIGITS and sums[count % 2] % 10 == 0:
            length = index + 1
    return length


def _iban_length(candidate: str) -> int:
    """Returns how much of a candidate is an IBAN by its check digits (modulo 97), or 0."""
    missing = IBAN_LENGTHS.get(candidate[:2].upper(), 0)
    characters = ""
    for index, character in enumerate(candidate):
        if character.isalnum():
            characters += character
            missing -= 1
            if missing == 0:
                rearranged = characters[4:] + characters[:4]
                number = "".join(str(int(each, 36)) for each in rearranged)
                return index + 1 if int(number) % 97 == 1 else 0
    return 0


DETECTORS: dict[Kind, tuple[re.Pattern[str], Callable[[str], int]]] = {
    "key": (re.compile("|".join((PRIVATE_KEY, KEY_SHAPES, BEARER, URL_PASSWORD))), len),
    "email": (
        re.compile(
            rf"[{LETTERS}0-9_%+-][{LETTERS}0-9_.%+'-]{{0,63}}+@(?:[{LETTERS}0-9_-]{{1,63}}+\.){{1,20}}"
            rf"(?:xn--[a-z0-9-]{{1,59}}|[{LETTERS}]{{2,63}})"
        ),
        len,
    ),
    "iban": (
        re.compile("(?<![^\\W_])[A-Za-z]{2}[0-9]{2}(?:[ \u00a0\u202f-]?[A-Za-z0-9]){11,30}"),
        _iban_length,
    ),
    "card": (
        re.compile("(?<![0-9])[2-9](?:[ .\u00a0\u202f-]?[0-9]){12,18}(?![0-9])"),
        _card_length,
    ),
    "phone": (re.compile("|".join(PHONES), re.ASCII), len),
}
"""What may be a value of a kind, and how much of that is one."""
