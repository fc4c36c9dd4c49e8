"""Writes prose about a topic, of the requested length."""

from collections.abc import Sequence
from itertools import cycle, islice

from loresmith.offline_model.writer.field_writer import FieldWriter
from loresmith.offline_model.writer.naming import Entity
from loresmith.offline_model.writer.requested_length import RequestedLength

SENTENCE_LISTS = ("line", "prose_open", "echo", "prose_middle")
SENTENCES_PER_PARAGRAPH = 5
DEFAULT_PARAGRAPHS = 2
MAX_RESULT_LENGTH, MAX_ITEM_LENGTH = 600, 60
MIN_WORDS_OF_WHOLE_SENTENCES = 40
"""Texts of fewer words are cut at the exact number, longer ones end with a sentence."""
WITHOUT_QUOTES = str.maketrans(dict.fromkeys("“”"))
QUOTED_TOPIC = "the question"
"""Stands for a topic in quotation marks after its first mention."""


class FreeTextWriter:
    """Writes one text; the first sentence names the topic."""

    def __init__(self, fields: FieldWriter, parent: Entity) -> None:
        self._fields, self._parent = fields, parent
        self._list_names = cycle(SENTENCE_LISTS)

    def write(self, length: RequestedLength | None, results: Sequence[tuple[str, str]] = ()) -> str:
        """Returns the text. With `results` of tools, it says what each tool returned."""
        opening = self._opening(results)
        match length:
            case None if results:
                return f"{opening} {self._sentence()}"
            case None:
                return self._paragraphs(opening, DEFAULT_PARAGRAPHS)
            case RequestedLength(count, "paragraph"):
                return self._paragraphs(opening, count)
            case RequestedLength(count, "word"):
                return self._words(opening, count)
            case RequestedLength(count, "item", noun):
                return f"{opening}\n\n{self._items(count, noun)}"
            case RequestedLength(count, unit):
                sentences = [opening, *islice(iter(self._sentence, ""), count - 1)]
                return "\n".join(sentences) if unit == "line" else _in_paragraphs(sentences)

    def _opening(self, results: Sequence[tuple[str, str]]) -> str:
        """Returns the first sentence, and hides a quoted topic from the others."""
        list_name = "answer.results" if results else "answer.opening"
        opening = self._fields.sentence(list_name, self._copy())
        if "“" in self._parent.facts["theme"]:
            self._parent.facts["theme"] = QUOTED_TOPIC
        return " ".join([opening, *map(_result_text, results)])

    def _paragraphs(self, opening: str, count: int) -> str:
        first, *others = (self._fields.prose(self._parent) for _ in range(count))
        return "\n\n".join([f"{opening} {first}", *others])

    def _words(self, opening: str, count: int) -> str:
        sentences, total = [opening], len(opening.split())
        while total < count:
            sentences.append(self._sentence())
            total += len(sentences[-1].split())
        excess = total - count
        if count < MIN_WORDS_OF_WHOLE_SENTENCES:
            words = " ".join(sentences).translate(WITHOUT_QUOTES).split()
            return " ".join(words[:count]).rstrip(".,;:") + "."
        if excess > len(sentences[-1].split()) / 2:
            sentences.pop()
        return _in_paragraphs(sentences)

    def _items(self, count: int, noun: str) -> str:
        texts: list[str] = []
        for _ in range(count):
            text = self._fields.text(self._copy(), noun, texts, MAX_ITEM_LENGTH)
            texts.append(text[:1].upper() + text[1:])
        return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))

    def _sentence(self) -> str:
        return self._fields.sentence(next(self._list_names), self._copy())

    def _copy(self) -> Entity:
        """Returns an entity whose facts are free to differ from those of other sentences."""
        return Entity(facts=dict(self._parent.facts))


def _in_paragraphs(sentences: list[str]) -> str:
    starts = range(0, len(sentences), SENTENCES_PER_PARAGRAPH)
    return "\n\n".join(
        " ".join(sentences[start : start + SENTENCES_PER_PARAGRAPH]) for start in starts
    )


def _result_text(result: tuple[str, str]) -> str:
    name, text = result[0], " ".join(result[1].split())
    if len(text) > MAX_RESULT_LENGTH:
        text = f"{text[:MAX_RESULT_LENGTH]}…"
    return f"{name} returned {text or 'nothing'}."
