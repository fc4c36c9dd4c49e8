"""The theme of a request, made into words that fit into a sentence.

A theme is anything a person types: "clockwork desert", "fantasy", "Pirates of the sky", a whole
sentence, another script. Sentences of the grammar need a noun phrase, names need single words.
"""

import re
from dataclasses import dataclass

FAULT = re.compile(r"\bfault:\w+")
LEAD = re.compile(
    r"^(?:please\s+)?(?:(?:write|make|create|invent|describe)\s+(?:me\s+)?)?(?:(?:an?|the|some)\s+)?"
    r"(?:worlds?|stor(?:y|ies)|settings?|lore|something)\s+(?:of|about|in|with|where)\s+",
    re.IGNORECASE,
)
ARTICLE = re.compile(r"^(?:an?|the|my|our|his|her|its|their)\s+", re.IGNORECASE)
JOINT = re.compile(r"\b(?:of|in|on|with|without|under|beneath|after|before|between|who|that)\b")
WORD = re.compile(r"[^\W\d_]{3,14}")

LONGEST, MOST_WORDS, BARE_WORDS = 70, 8, 3

GENRES = {
    "fantasy": "the old magic",
    "high fantasy": "the elder magic",
    "epic fantasy": "the war of the crowns",
    "dark fantasy": "the long dark",
    "low fantasy": "the last of the magic",
    "urban fantasy": "the hidden streets",
    "grimdark": "the long dark",
    "horror": "the thing under the hill",
    "gothic horror": "the house on the moor",
    "science fiction": "the fallen machines",
    "sci-fi": "the fallen machines",
    "steampunk": "brass and steam",
    "cyberpunk": "the wired towers",
    "fairy tale": "the wood beyond the hedge",
    "fairy tales": "the wood beyond the hedge",
    "mythology": "the sleeping gods",
    "adventure": "the unmapped country",
    "romance": "the forbidden letters",
    "magic": "the old magic",
}
"""Themes that name a shelf in a shop and not a thing, and the thing that is written about."""

MASS = {
    *("war", "death", "love", "time", "winter", "ice", "fire", "water", "blood", "dust", "ash"),
    *("music", "silence", "darkness", "light", "salt", "memory", "revenge", "betrayal", "magic"),
    *("hope", "hunger", "grief", "rain", "snow", "glass", "steel", "iron", "honey", "sleep"),
}
"""Nouns that need no article."""

PROPER = {
    *(
        "Norse",
        "Greek",
        "Celtic",
        "Roman",
        "Slavic",
        "Egyptian",
        "Japanese",
        "Chinese",
        "Arthurian",
    ),
    *("Victorian", "Viking", "Persian", "Aztec", "Inuit", "Nordic", "Arabian", "African", "Irish"),
}
"""First words that are names wherever they stand."""

NO_NAMES = {
    *("the", "and", "with", "without", "from", "into", "where", "that", "this", "who", "whose"),
    *(
        "fantasy",
        "world",
        "worlds",
        "story",
        "stories",
        "setting",
        "lore",
        "theme",
        "about",
        "under",
    ),
    *(
        "over",
        "between",
        "before",
        "after",
        "beneath",
        "inspired",
        "style",
        "based",
        "very",
        "lost",
    ),
}


@dataclass(frozen=True)
class Theme:
    """What a request is about."""

    phrase: str
    """A noun phrase: "the clockwork desert"."""
    words: tuple[str, ...] = ()
    """Words for names, with capitals: ("Clockwork", "Desert"). May be none."""

    @classmethod
    def of(cls, told: str) -> "Theme":
        """Reads what was typed; nothing usable becomes the old magic."""
        text = " ".join(FAULT.sub(" ", told).split()).strip(" .,;:!?\"'“”")
        text = LEAD.sub("", text).strip()
        if not text:
            return cls(GENRES["fantasy"])
        if known := GENRES.get(ARTICLE.sub("", text).lower()):
            return cls(known)
        clause = _clause(text)
        return cls(_phrase(clause), _words(clause))


def _clause(text: str) -> str:
    """The first clause, cut at a word's end if it is long."""
    first = re.split(r"[.;:!?\n,(]\s", text, maxsplit=1)[0]
    if len(first) > LONGEST:
        first = first[:LONGEST].rsplit(" ", 1)[0]
    return first.strip(' .,;:!?"“”{}[]<>`')


def _phrase(clause: str) -> str:
    """A noun phrase where English has one; else the words themselves, between quotes."""
    words = clause.split()
    if not words:
        return GENRES["fantasy"]
    if ARTICLE.match(clause):
        rest = ARTICLE.sub("", clause)
        indefinite = words[0].lower() in ("a", "an", "the")
        return f"the {rest}" if indefinite else _lowered(clause)
    sentence = len(words) > BARE_WORDS and not JOINT.search(clause)
    if sentence or len(words) > MOST_WORDS or not words[0].replace("-", "").isalpha():
        return f"“{clause}”"
    return _with_article(_lowered(clause)) if clause.isascii() else f"“{clause}”"


def _with_article(clause: str) -> str:
    """ "the" before a single thing, nothing before plurals and what cannot be counted."""
    head = re.split(r"\s+(?:of|in|on|with|without|under|beneath|and|who|that)\s", clause)[0]
    noun = head.split()[-1]
    plural = noun.endswith("s") and not noun.endswith(("ss", "us", "is"))
    if plural or noun.lower() in MASS or " and " in clause or noun[0].isupper():
        return clause
    return f"the {clause}"


def _lowered(clause: str) -> str:
    """Without the capital that a sentence begins with; "Venice" and "Norse myths" keep theirs."""
    first, _, rest = clause.partition(" ")
    if not rest or not rest[0].islower() or not first[1:].islower() or first in PROPER:
        return clause
    return f"{first.lower()} {rest}"


def _words(clause: str) -> tuple[str, ...]:
    """Words that can stand in a name; none when there are too many to know which."""
    found = [word for word in WORD.findall(ARTICLE.sub("", clause)) if word.isascii()]
    found = [word for word in found if word.lower() not in NO_NAMES]
    if not 1 <= len(found) <= BARE_WORDS or any(map(str.isupper, found)):
        return ()
    return tuple(dict.fromkeys(_single(word).capitalize() for word in found))


def _single(word: str) -> str:
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 4
    return word[:-1] if plural and not word.endswith("ies") else word
