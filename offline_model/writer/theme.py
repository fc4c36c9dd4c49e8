"""Turns the theme of a request into words for sentences and names.

A theme is free text: "clockwork desert", "fantasy", a whole sentence, another script. Sentences of
the grammar need a noun phrase; names need single words.
"""

import re
from dataclasses import dataclass


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


FAULT = re.compile(r"\bfault:\w+")
LEAD_IN = re.compile(
    r"^(?:please\s+)?(?:(?:write|make|create|invent|describe)\s+(?:me\s+)?)?(?:(?:an?|the|some)\s+)?"
    r"(?:worlds?|stor(?:y|ies)|settings?|lore|something)\s+(?:of|about|in|with|where)\s+",
    re.IGNORECASE,
)
ARTICLE = re.compile(r"^(?:an?|the|my|our|his|her|its|their)\s+", re.IGNORECASE)
CONNECTIVE = re.compile(
    r"\b(?:of|in|on|with|without|under|beneath|after|before|between|who|that)\b"
)
AFTER_HEAD = re.compile(r"\s+(?:of|in|on|with|without|under|beneath|and|who|that)\s")
NAME_WORD = re.compile(r"[^\W\d_]{3,14}")

QUOTATION_MARKS = str.maketrans(dict.fromkeys('"“”«»', "'"))
MAX_CLAUSE_LENGTH = 70
MAX_PHRASE_WORDS = 8
MAX_NAME_WORDS = 3

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
"""Replaces the name of a genre with a subject to write about."""
MASS_NOUNS = word_set(
    "war death love time winter ice fire water blood dust ash music silence darkness light salt "
    "memory revenge betrayal magic hope hunger grief rain snow glass steel iron honey sleep"
)
"""Nouns without an article."""
PROPER_ADJECTIVES = word_set(
    "Norse Greek Celtic Roman Slavic Egyptian Japanese Chinese Arthurian Victorian Viking Persian "
    "Aztec Inuit Nordic Arabian African Irish"
)
"""First words that are capitalized anywhere in a sentence."""
NOT_IN_NAMES = word_set(
    "the and with without from into where that this who whose fantasy world worlds story stories "
    "setting lore theme about under over between before after beneath inspired style based very "
    "lost"
)


@dataclass(frozen=True)
class Theme:
    """The subject of a request."""

    phrase: str
    """A noun phrase: "the clockwork desert"."""
    name_words: tuple[str, ...] = ()
    """Capitalized words for names: ("Clockwork", "Desert"). Can be empty."""

    @classmethod
    def parse(cls, text: str) -> "Theme":
        """Reads free text; a text without a usable subject becomes the old magic."""
        text = " ".join(FAULT.sub(" ", text).split()).strip(" .,;:!?\"'“”")
        text = LEAD_IN.sub("", text).strip()
        if not text:
            return cls(GENRES["fantasy"])
        if genre := GENRES.get(ARTICLE.sub("", text).lower()):
            return cls(genre)
        clause = _clause(text)
        return cls(_phrase(clause), _name_words(clause))

    @classmethod
    def quote(cls, text: str) -> "Theme":
        """Puts a question or a command in quotation marks."""
        text = " ".join(FAULT.sub(" ", text).split())
        sentence = re.split(r"(?<=[.!?;:])\s", text, maxsplit=1)[0]
        if len(sentence) > MAX_CLAUSE_LENGTH:
            sentence = sentence[:MAX_CLAUSE_LENGTH].rsplit(" ", 1)[0] + "…"
        sentence = sentence.translate(QUOTATION_MARKS).strip(" .,;:!?")
        return cls(f"“{sentence}”") if sentence else cls.parse("")


def _clause(text: str) -> str:
    """Returns the first clause, cut at the end of a word if it is long."""
    clause = re.split(r"[.;:!?\n,(]\s", text, maxsplit=1)[0]
    if len(clause) > MAX_CLAUSE_LENGTH:
        clause = clause[:MAX_CLAUSE_LENGTH].rsplit(" ", 1)[0]
    return clause.strip(' .,;:!?"“”{}[]<>`')


def _phrase(clause: str) -> str:
    """Returns a noun phrase if it finds one, else the clause in quotation marks."""
    words = clause.split()
    if not words:
        return GENRES["fantasy"]
    if ARTICLE.match(clause):
        has_article = words[0].lower() in ("a", "an", "the")
        return f"the {ARTICLE.sub('', clause)}" if has_article else _lower_first(clause)
    is_sentence = len(words) > MAX_NAME_WORDS and not CONNECTIVE.search(clause)
    is_word = words[0].replace("-", "").isalpha()
    if is_sentence or len(words) > MAX_PHRASE_WORDS or not is_word or not clause.isascii():
        return f"“{clause}”"
    return _with_article(_lower_first(clause))


def _with_article(clause: str) -> str:
    """Adds "the" to a countable singular noun."""
    noun = AFTER_HEAD.split(clause)[0].split()[-1]
    is_uncountable = noun.lower() in MASS_NOUNS or noun[0].isupper()
    if _is_plural(noun) or is_uncountable or " and " in clause:
        return clause
    return f"the {clause}"


def _lower_first(clause: str) -> str:
    """Removes the capital of a sentence's first word; "Venice" and "Norse myths" stay."""
    first, _, rest = clause.partition(" ")
    if not rest or not rest[0].islower() or not first[1:].islower() or first in PROPER_ADJECTIVES:
        return clause
    return f"{first.lower()} {rest}"


def _name_words(clause: str) -> tuple[str, ...]:
    """Returns the words for names; none if there are too many to choose from."""
    words = [
        word
        for word in NAME_WORD.findall(ARTICLE.sub("", clause))
        if word.isascii() and word.lower() not in NOT_IN_NAMES
    ]
    if not 1 <= len(words) <= MAX_NAME_WORDS or any(map(str.isupper, words)):
        return ()
    return tuple(dict.fromkeys(_singular(word).capitalize() for word in words))


def _is_plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


def _singular(noun: str) -> str:
    is_regular = _is_plural(noun) and len(noun) > 4 and not noun.endswith("ies")
    return noun[:-1] if is_regular else noun
