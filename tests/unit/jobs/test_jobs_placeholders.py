"""A request without its sensitive values, and an answer that has them again."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.jobs.core.placeholders import Placeholders, RestoredStream
from loresmith.jobs.core.sensitive_values import KINDS

DIGITS = "0123456789"


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


def card(body: str) -> str:
    """Appends the check digit to fifteen digits, and groups them."""
    doubled = [int(each) * (2 - place % 2) for place, each in enumerate(body)]
    number = body + str(-sum(each // 10 + each % 10 for each in doubled) % 10)
    return " ".join(number[at : at + 4] for at in range(0, 16, 4))


def iban(body: str) -> str:
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


VALUES: dict[str, st.SearchStrategy[str]] = {
    "email": st.from_regex(
        r"[a-z0-9](\.?[a-z0-9_+-]){0,9}@([a-z0-9]{1,9}\.){1,3}[a-z]{2,6}", fullmatch=True
    ),
    "phone": st.one_of(
        st.from_regex(r"\+[1-9][0-9] [1-9][0-9]{1,3} [0-9]{6,7}", fullmatch=True),
        st.from_regex(r"0[1-9][0-9]{1,2}[ /][0-9]{7}", fullmatch=True),
        st.from_regex(r"\([2-9][0-9]{2}\) [0-9]{3}-[0-9]{4}", fullmatch=True),
    ),
    "card": st.builds(card, st.builds(str.__add__, st.sampled_from("23456789"), digits(14))),
    "iban": st.builds(iban, digits(18)),
    "key": st.one_of(
        st.from_regex(r"sk-[A-Za-z0-9]{20,30}", fullmatch=True),
        st.from_regex(r"AKIA[A-Z0-9]{16}", fullmatch=True),
        st.builds("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----".format, digits(9)),
    ),
}  # fmt: skip
OTHER = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["[EMAIL_1]", "phone_2", "EMAIL_12 [key 1]", r"\n", '"\\', "[", "CARD_"]),
)
TEXTS = st.lists(st.one_of(OTHER, *VALUES.values()), max_size=12)
SEPARATORS = st.sampled_from([" ", "\n", " (", ") ", '", "', " <"])


def withheld(*texts: str, kinds: tuple[str, ...] = KINDS) -> tuple[Placeholders, list[str]]:
    placeholders = Placeholders(kinds)
    messages = placeholders.replace([{"role": "user", "content": text} for text in texts])
    return placeholders, [message["content"] for message in messages]


def pieces(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(places)]


@given(TEXTS, SEPARATORS, st.lists(st.integers(0, 10_000)))
def test_whatever_is_withheld_comes_back(parts: list[str], separator: str, cuts: list[int]) -> None:
    """Given any text with values in it / when a model repeats it in any pieces
    / I expect the same text, of which the request had no value.
    """
    text = separator.join(["", *parts, ""])
    placeholders, [sent] = withheld(text)
    answer = json.dumps({"text": sent}, ensure_ascii=False)
    stream = RestoredStream(placeholders)

    streamed = "".join([*map(stream.add, pieces(answer, cuts)), stream.end()])

    assert streamed == placeholders.restore(answer)
    assert json.loads(streamed) == {"text": text}


@given(st.data(), st.sampled_from(KINDS), OTHER, OTHER, SEPARATORS)
def test_no_value_is_in_the_request(
    data: st.DataObject, kind: str, before: str, after: str, separator: str
) -> None:
    value = data.draw(VALUES[kind])
    if value in before + after:
        return

    _, sent = withheld(separator.join([before, value, after]), json.dumps(f"\n{value}\t"))

    assert not any(value in text or json.dumps(value)[1:-1] in text for text in sent)


def test_values_are_numbered_by_their_first_appearance() -> None:
    placeholders, sent = withheld("b@x.de a@x.de", "a@x.de 030 1234567")

    assert sent == ["[EMAIL_1] [EMAIL_2]", "[EMAIL_2] [PHONE_1]"]
    later = placeholders.replace([{"role": "user", "content": "c@x.de, not a@x.de"}])
    assert later[0]["content"] == "[EMAIL_3], not [EMAIL_2]"


def test_a_private_key_comes_back_with_its_line_breaks() -> None:
    """Given a key in a text, in JSON, and in JSON within JSON / I expect it once."""
    key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"
    placeholders, sent = withheld(key, json.dumps(key), json.dumps(json.dumps(key)))

    assert [re.findall(r"KEY_\d", text) for text in sent] == [["KEY_1"]] * 3
    assert json.loads(placeholders.restore('"[KEY_1]"')) == key


@pytest.mark.parametrize("own", ["[EMAIL_1]", "email_1", "[Email 01]", "EMAIL-1", "xEMAIL_1x"])
def test_a_placeholder_in_the_text_itself_stands_for_nothing(own: str) -> None:
    placeholders, [sent] = withheld(f"{own} a@x.de")

    assert sent == f"{own} [EMAIL_2]"
    assert placeholders.restore(sent) == f"{own} a@x.de"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[EMAIL_1]", "a@x.de"),
        ("[Email_1]", "a@x.de"),
        ("[ email 1 ]", "a@x.de"),
        ("[EMAIL-01]", "a@x.de"),
        ("(EMAIL_1)", "(a@x.de)"),
        (r"to:\nEMAIL_1,", r"to:\na@x.de,"),
        ("EMAIL_12", "EMAIL_12"),
        ("[EMAIL_2]", "[EMAIL_2]"),
        ("MYEMAIL_1", "MYEMAIL_1"),
        ("email 1", "email 1"),
        ("[E-MAIL_1]", "[E-MAIL_1]"),
    ],
)
def test_spellings_of_models(written: str, read: str) -> None:
    """Given a text at once, and letter by letter / I expect the same."""
    placeholders, _ = withheld("a@x.de")
    stream = RestoredStream(placeholders)

    assert placeholders.restore(written) == read
    assert "".join(map(stream.add, written + " " * 20)).rstrip() == read


def test_a_stream_holds_back_no_more_than_a_placeholder() -> None:
    placeholders, _ = withheld("a@x.de")

    assert RestoredStream(placeholders).add("To [EMAIL_1], dear friend!") == "To a@x.de"
    assert RestoredStream(Placeholders(KINDS)).add("To [EMA") == "To [EMA"


def test_the_model_is_told_only_where_something_is_withheld() -> None:
    def first(text: str, kinds: tuple[str, ...]) -> str:
        return Placeholders(kinds).withhold([{"role": "system", "content": text}])[0]["content"]

    assert first("a@x.de", ("phone",)) == "a@x.de"
    assert first("a@x.de", ("email",)).startswith("[EMAIL_1]\n\n[EMAIL_1] and the like")
