"""Generates the sentences of one answer from the templates of the grammar."""

import random
import re
from collections.abc import Container, Iterable, Mapping, MutableMapping

from loresmith.offline_model.writer.grammar import Slot, Template, TemplateList

VOWEL = re.compile(r"\b([Aa]) (?=[aeiou])(?!uni|use|usu|eu|one\b|once\b)")
SENTENCE_START = re.compile(r"(^[“]?|[.!?]\s+[“]?|\n[“]?)([a-z])")
MAX_TRIES = 6

Facts = MutableMapping[str, str]


class ShuffleBag:
    """Draws templates in random order; none repeats before half of the others were drawn."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._templates = list(templates)
        self._undrawn = len(self._templates)

    def draw(self, rng: random.Random, facts: Mapping[str, str]) -> Template | None:
        """Returns the next template whose required facts are present."""
        templates = self._templates
        for _ in range(len(templates)):
            template = templates.pop(int(rng.random() * self._undrawn))
            templates.append(template)
            self._undrawn = self._undrawn - 1 or (len(templates) + 1) // 2
            if not template.required_facts or template.required_facts <= facts.keys():
                return template
        return None


class TextGenerator:
    """Expands templates for one answer. `known` lists take precedence over the grammar's."""

    def __init__(
        self,
        rng: random.Random,
        grammar: Mapping[str, TemplateList],
        known: Mapping[str, TemplateList],
    ) -> None:
        self._rng = rng
        self._known = known
        self._lists = {**grammar, **known}
        self._bags: dict[str, tuple[ShuffleBag, ShuffleBag]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._lists

    def generate(self, name: str, facts: Facts, avoid: Container[str] = ()) -> str:
        """Returns a polished text of the list, outside `avoid` if a few tries find one."""
        text = ""
        for attempt in range(MAX_TRIES):
            text = polish(self.expand(name, facts, ignore_preference=attempt > 1))
            if text not in avoid:
                break
        return text

    def expand(self, name: str, facts: Facts, *, ignore_preference: bool = False) -> str:
        """Returns a template of the list with its slots filled; may add to the facts."""
        templates = self._lists[name]
        template = self._draw(name, templates, facts, ignore_preference)
        text = self._render(template, facts)
        if templates.once_per_entity:
            facts[name] = text
        return text

    def _render(self, template: Template, facts: Facts) -> str:
        return "".join(
            [part if isinstance(part, str) else self._fill(part, facts) for part in template.parts]
        )

    def _fill(self, slot: Slot, facts: Facts) -> str:
        if slot.value is not None:
            facts[slot.name] = slot.value
            return ""
        text = facts[slot.name] if slot.name in facts else self.expand(slot.name, facts)
        return text[:1].upper() + text[1:] if slot.capitalized else text

    def _draw(
        self, name: str, templates: TemplateList, facts: Facts, ignore_preference: bool
    ) -> Template:
        if name not in self._bags:
            self._bags[name] = self._new_bags(templates, facts)
        first, second = self._bags[name][:: -1 if ignore_preference else 1]
        template = first.draw(self._rng, facts) or second.draw(self._rng, facts)
        if template is None:
            raise LookupError(f"the list {name!r} has no line for {sorted(facts)}")
        return template

    def _new_bags(self, templates: TemplateList, facts: Facts) -> tuple[ShuffleBag, ShuffleBag]:
        known = self._known.keys()
        if templates.required_facts & known:
            templates = templates.requiring(lambda template: template.required_facts - known)
        preferred, others = ShuffleBag(templates.preferred), ShuffleBag(templates.others)
        if not templates.max_texts:
            return preferred, others
        texts = [
            self._render(template, dict(facts))
            for _ in range(templates.max_texts)
            if (template := others.draw(self._rng, facts))
        ]
        return preferred, ShuffleBag(TemplateList.of_texts(texts).others)


def polish(text: str) -> str:
    """Writes "an" before vowels and, in whole sentences, capitals after full stops."""
    text = VOWEL.sub(r"\1n ", text).replace("s's ", "s' ")
    if not text.rstrip("”’").endswith((".", "!", "?")):
        return text
    return SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), text)
