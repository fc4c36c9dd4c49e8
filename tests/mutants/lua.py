"""Mutations of Lua, at anchors: a line that ends with `-- rule: NAME` is found by that name.

    remove            the statement of the line, or the block that it opens
    value VALUE       its condition, or what it assigns or returns, is VALUE
    true N | false N  operand N of its `and`s and `or`s is true or false
    drop N            without operand N of its `and`s and `or`s
    term N            without operand N of its `+`s and `-`s
    cut N M           without elements N to M of its lists and arguments
    element N VALUE   element N of its lists and arguments is VALUE
    argument N        math.max or math.min of several is number N of them
    number OLD NEW    the number OLD is NEW
    string OLD NEW    the string OLD is NEW
    compare N SIGN    comparison N has this sign
    also N TEXT       comparison N, of something with a string, also takes this text
    presence N        comparison N, of something with a string, asks only whether it is there

N counts from 1, from left to right.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.mutants.errors import NoPlace

TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<comment>--[^\n]*)|(?P<string>'(?:\\.|[^'\\\n])*')"
    r"|(?P<number>\d+(?:\.\d+)?(?:e\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\.\.\.|\.\.|[~=<>]=|.)",
    re.DOTALL,
)
BRACKETS = {"(": ")", "{": "}", "[": "]"}
OPENS = {"if", "for", "while", "function", "repeat", *BRACKETS}
CLOSES = {"end", "until", *BRACKETS.values()}
COMPARISONS = {"==", "~=", "<", ">", "<=", ">="}
LOGIC = {"and", "or"}
WORDS = {"if", "elseif", "then", "else", "end", "while", "for", "in", "do", "return", "local", "="}
"""What ends an expression, beside brackets and commas."""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Cut:
    """A part of the source and what replaces it."""

    start: int
    end: int
    new: str = ""


@dataclass(frozen=True)
class Operand:
    """A part of an expression, and the signs around it."""

    before: Token | None
    tokens: list[Token]
    after: Token | None

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


def anchors(text: str) -> list[str]:
    """The names of all anchors of a source."""
    return re.findall(r"-- rule: ([\w-]+)$", text, re.MULTILINE)


def mutated(text: str, anchor: str, operator: str) -> str:
    """The source with an operator applied at an anchor. Raises NoPlace."""
    lines = list(re.finditer(rf"^(.*?) *-- rule: {re.escape(anchor)}$", text, re.MULTILINE))
    if len(lines) != 1:
        raise NoPlace(f"{len(lines)} lines end with -- rule: {anchor}")
    start, end = lines[0].span(1)
    verb, *arguments = operator.split(" ")
    tokens = list(_tokens(text[:end], start))
    if verb == "remove":
        tokens = list(_tokens(text, start))
        cut = _statement(tokens, end)
    else:
        cut = OPERATORS[verb](text, tokens, *arguments)
    return text[: cut.start] + cut.new + text[cut.end :]


def _tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The code from a place on, without spaces and comments."""
    for match in TOKEN.finditer(text, start):
        if match.lastgroup not in ("space", "comment"):
            yield Token(str(match.lastgroup), match[0], match.start(), match.end())


def _statement(tokens: list[Token], line_end: int) -> Cut:
    """From the first token to the end of the line, and on until nothing is open."""
    depth = 0
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        depth += (token.text in OPENS) - (token.text in CLOSES)
        if depth == 0 and (following is None or following.start >= line_end):
            return Cut(tokens[0].start, token.end)
    raise NoPlace("the statement does not end")


def _condition(tokens: list[Token]) -> list[Token]:
    """What stands before then or do; else behind the first = or return; else everything."""
    texts = [token.text for token in tokens]
    for first, last in (("if", "then"), ("elseif", "then"), ("while", "do")):
        if first in texts:
            return tokens[texts.index(first) + 1 : texts.index(last)]
    starts = [place for place, text in enumerate(texts) if text in ("=", "return")]
    return tokens[starts[0] + 1 :] if starts else tokens


def _operands(tokens: list[Token], signs: set[str], ends: set[str]) -> list[Operand]:
    """The operands of some signs, in brackets or not, by where they begin. `ends` are signs of
    lower precedence.
    """
    matches: list[Operand] = []
    levels: list[list[Token]] = [[]]
    before: list[Token | None] = [None]

    def close(after: Token | None = None) -> None:
        if levels[-1] and (before[-1] or after):
            matches.append(Operand(before[-1], levels[-1], after))
        levels[-1], before[-1] = [], after

    for token in tokens:
        if token.text in signs:
            close(token)
        elif token.text in BRACKETS:
            for level in levels:
                level.append(token)
            levels.append([])
            before.append(None)
        elif token.text in BRACKETS.values():
            close()
            if len(levels) > 1:
                levels.pop()
                before.pop()
            for level in levels:
                level.append(token)
        elif token.text in ends:
            close()
        else:
            for level in levels:
                level.append(token)
    while levels:
        close()
        levels.pop()
        before.pop()
    return sorted(matches, key=lambda operand: operand.start)


def _at(matches: list[Operand] | list[Token], number: str) -> int:
    """The place of number N. Raises NoPlace."""
    if not 1 <= int(number) <= len(matches):
        raise NoPlace(f"there are {len(matches)}, not {number}")
    return int(number) - 1


def _logic(tokens: list[Token]) -> list[Operand]:
    return _operands(_condition(tokens), LOGIC, WORDS | {",", ";"})


def _sums(tokens: list[Token]) -> list[Operand]:
    return _operands(tokens, {"+", "-"}, WORDS | LOGIC | COMPARISONS | {",", ";", ".."})


def _elements(tokens: list[Token]) -> list[Operand]:
    return _operands(tokens, {","}, WORDS | {";"})


def _without(operand: Operand) -> Cut:
    """An operand and one sign beside it are left out."""
    if operand.before:
        return Cut(operand.before.start, operand.end)
    assert operand.after
    return Cut(operand.start, operand.after.end)


def _value(text: str, tokens: list[Token], value: str) -> Cut:
    condition = _condition(tokens)
    return Cut(condition[0].start, condition[-1].end, value)


def _constant(value: str) -> Callable[..., Cut]:
    def replace(text: str, tokens: list[Token], number: str) -> Cut:
        operand = _logic(tokens)[_at(_logic(tokens), number)]
        return Cut(operand.start, operand.end, value)

    return replace


def _drop(text: str, tokens: list[Token], number: str) -> Cut:
    return _without(_logic(tokens)[_at(_logic(tokens), number)])


def _term(text: str, tokens: list[Token], number: str) -> Cut:
    return _without(_sums(tokens)[_at(_sums(tokens), number)])


def _cut(text: str, tokens: list[Token], first: str, last: str) -> Cut:
    matches = _elements(tokens)
    start, end = matches[_at(matches, first)], matches[_at(matches, last)]
    if end.after:
        return Cut(start.start, end.after.end)
    assert start.before
    return Cut(start.before.start, end.end)


def _element(text: str, tokens: list[Token], number: str, value: str) -> Cut:
    matches = _elements(tokens)
    element = matches[_at(matches, number)]
    return Cut(element.start, element.end, value)


def _argument(text: str, tokens: list[Token], number: str) -> Cut:
    calls = [
        place
        for place, token in enumerate(tokens)
        if token.text == "math" and tokens[place + 2].text in ("max", "min")
    ]
    if len(calls) != 1:
        raise NoPlace(f"{len(calls)} calls of math.max or math.min")
    first = calls[0]
    depth, last = 0, first + 3
    for last in range(first + 3, len(tokens)):
        depth += (tokens[last].text in BRACKETS) - (tokens[last].text in BRACKETS.values())
        if depth == 0:
            break
    matches = _elements(tokens[first + 4 : last])
    argument = matches[_at(matches, number)]
    return Cut(tokens[first].start, tokens[last].end, text[argument.start : argument.end])


def _literal(kind: str, form: str) -> Callable[..., Cut]:
    def replace(text: str, tokens: list[Token], old: str, new: str) -> Cut:
        matches = [each for each in tokens if each.kind == kind and each.text == form.format(old)]
        if len(matches) != 1:
            raise NoPlace(f"there are {len(matches)} of {old}")
        return Cut(matches[0].start, matches[0].end, form.format(new))

    return replace


def _compare(text: str, tokens: list[Token], number: str, sign: str) -> Cut:
    matches = [token for token in tokens if token.text in COMPARISONS]
    token = matches[_at(matches, number)]
    return Cut(token.start, token.end, sign)


def _comparison(tokens: list[Token], number: str) -> tuple[Operand, Token, Operand]:
    """Both sides of comparison N and its sign."""
    matches = [token for token in tokens if token.text in COMPARISONS]
    sign = matches[_at(matches, number)]
    sides = _operands(tokens, COMPARISONS, WORDS | LOGIC | {",", ";", "not"})
    (left,) = [side for side in sides if side.after is sign]
    (right,) = [side for side in sides if side.before is sign]
    return left, sign, right


def _also(text: str, tokens: list[Token], number: str, value: str) -> Cut:
    left, sign, right = _comparison(tokens, number)
    subject, joined = text[left.start : left.end], "and" if sign.text == "~=" else "or"
    whole = text[left.start : right.end]
    return Cut(left.start, right.end, f"({whole} {joined} {subject} {sign.text} '{value}')")


def _presence(text: str, tokens: list[Token], number: str) -> Cut:
    left, sign, right = _comparison(tokens, number)
    subject = text[left.start : left.end]
    return Cut(left.start, right.end, subject if sign.text == "==" else f"not {subject}")


OPERATORS: dict[str, Callable[..., Cut]] = {
    "value": _value,
    "true": _constant("true"),
    "false": _constant("false"),
    "drop": _drop,
    "term": _term,
    "cut": _cut,
    "element": _element,
    "argument": _argument,
    "number": _literal("number", "{}"),
    "string": _literal("string", "'{}'"),
    "compare": _compare,
    "also": _also,
    "presence": _presence,
}
