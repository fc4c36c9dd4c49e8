"""Texts around or inside of which there is more than JSON; halves of characters."""

import json

from tests.providers.answer import DONE, GOOD, STOP, Answer, chunk, delta, stream, text, usage

EMOJI = GOOD.replace("smith", "smith \U0001f600")
CUT_PAIR = EMOJI.index("\U0001f600")
LONE = GOOD.replace("smith", "smith \ufffd")

LOCAL = {"repaired": "local", "text": None}
COMMAS = json.dumps(json.loads(GOOD), indent=1).replace('"\n', '",\n').replace("}\n", "},\n")
FORMS = [
    Answer(name, stream(form), **LOCAL)
    for name, form in {
        "a fence": f"```json\n{GOOD}\n```",
        "a fence without a language": f"```\n{GOOD}\n```",
        "a fence that stays open": f"```json\n{GOOD}",
        "a thought": f'<think>Maybe {{"x": 1}} or {{}}?</think>\n{GOOD}',
        "a thought with a draft": f"<think>{GOOD.replace('Ada', 'Bob')}</think>{GOOD}",
        "a thought without its start": f"Let me think.\n</think>\n\n{GOOD}",
        "the answer only in the thought": f"<think>{GOOD}</think> Done.",
        "a sentence before": f"Here you are: {GOOD}",
        "sentences around": f"Sure!\n\n{GOOD}\n\nI hope {{this}} helps.",
        "braces before": f"As {{you}} said: {GOOD}",
        "quotes before": f'The "answer: {GOOD}',
        "an end mark": f"{GOOD}</s>",
        "another end mark": f"{GOOD}<|im_end|>",
        "a byte order mark": f"\ufeff{GOOD}",
        "a no-break space": f"\u00a0{GOOD}\u00a0",
        "zero-width spaces": "\u200b" + GOOD.replace(": ", ":\u200b"),
        "trailing commas": COMMAS,
        "trailing commas in a fence": f"```json\n{COMMAS}\n```\nEnjoy, {{friend}}",
        "no-break spaces inside": GOOD.replace(": ", ":\u00a0"),
        "comments": GOOD.replace('"name"', '// the name\n"name"', 1).replace(
            '"role"', '/* role */"role"'
        ),
        "raw line breaks": GOOD.replace("smith", "sm\nith\t"),
        "a JSON string": json.dumps(GOOD),
        "a JSON string of a JSON string": json.dumps(json.dumps(GOOD)),
        "a JSON string without quotes": json.dumps(GOOD)[1:-1],
        "extra top-level fields": json.dumps({"note": "x", **json.loads(GOOD), "_": [1]}),
        "extra fields below": GOOD.replace('"name"', '"mood": 1, "name"', 1),
        "a list around it": f"[{GOOD}]",
        "an object around it": json.dumps({"result": json.loads(GOOD)}),
        "a text in an object around it": json.dumps({"output": GOOD}),
        "a tool call around it": json.dumps({"name": "x", "arguments": json.loads(GOOD)}),
        "two answers": f"{GOOD.replace('Ada', 'Bob')}\nBetter:\n{GOOD}",
        "an escape of half an emoji": GOOD.replace("smith", "smith \\ud83d"),
    }.items()
] + [Answer("a fence, cut off behind it", stream(f"```json\n{GOOD}\n``", "length"), **LOCAL)]

SURROGATES = [
    Answer("half an emoji", text(GOOD.replace("smith", "smith \ud83d")) + STOP, text=LONE),
    Answer(
        "the other half of an emoji", text(GOOD.replace("smith", "smith \ude00")) + STOP, text=LONE
    ),
    Answer(
        "an emoji cut between two chunks",
        chunk(EMOJI[:CUT_PAIR] + "\ud83d") + chunk("\ude00" + EMOJI[CUT_PAIR + 1 :]) + STOP,
        text=EMOJI,
    ),
    Answer(
        "an emoji cut between two parts",
        chunk([EMOJI[:CUT_PAIR] + "\ud83d", "\ude00" + EMOJI[CUT_PAIR + 1 :]]) + STOP,
        text=EMOJI,
    ),
    Answer(
        "an emoji cut by an empty chunk",
        chunk(EMOJI[:CUT_PAIR] + "\ud83d")
        + chunk("")
        + chunk("\ude00" + EMOJI[CUT_PAIR + 1 :])
        + STOP,
        text=EMOJI,
    ),
    Answer(
        "half an emoji at the end",
        text(GOOD + "\ud83d") + STOP,
        text=GOOD + "\ufffd",
        repaired="local",
    ),
    Answer("half an emoji in the model's name", chunk(GOOD, model="m \ud83d") + STOP),
    Answer("half an emoji in the id", chunk(GOOD, id="c \ud83d") + STOP),
    Answer(
        "half an emoji in the finish reason", text() + chunk(None, "stop\ud83d") + usage() + DONE
    ),
    Answer(
        "half an emoji in tool arguments",
        delta({"tool_calls": [{"function": {"arguments": GOOD.replace("smith", "smith \ud83d")}}]})
        + STOP,
        text=LONE,
    ),
]
