"""Selects the tools that an answer calls: the same conversation, the same tools.

With the choice `auto` an answer calls

1. each tool that the user's last message names ("get_weather" or "get weather") and that was not
   called since; only the first with `parallel_tool_calls: false`;
2. otherwise, if no tool has returned a result since that message, the tool whose name and
   description share most words of four letters and more with it;
3. otherwise none: the answer is a text, which uses the results.

With `required` it calls the tools of 1, or that of 2, or the first; with a named tool that one.
"""

import re

from loresmith.offline_model.server.request.conversation import (
    Conversation,
    FunctionTool,
    ToolSelection,
)
from loresmith.offline_model.writer.theme import word_set

WORD = re.compile(r"[^\W_]{4,}")
CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
COMMON_WORDS = word_set(
    "about also call calls current does from function give given gives have into make model more "
    "must please results return returned returns should some tell that them then there these they "
    "this tool tools used user uses using value values want what when where which will with write "
    "would your"
)
"""Words that say nothing about the purpose of a tool."""


def select_tools(choice: ToolSelection, conversation: Conversation) -> tuple[FunctionTool, ...]:
    """Returns the tools to call, in the order of the request; none for an answer in text."""
    if choice.mode in ("none", "named") or not choice.tools:
        return choice.tools[:1] if choice.mode == "named" else ()
    called = {call.name for message in conversation.turn for call in message.tool_calls}
    question = conversation.question
    mentioned = [
        tool for tool in choice.tools if tool.name not in called and _mentions(question, tool.name)
    ]
    if mentioned:
        return tuple(mentioned if choice.parallel else mentioned[:1])
    if choice.mode == "auto" and conversation.tool_results:
        return ()
    words = _words(question)
    best = max(choice.tools, key=lambda tool: len(words & _purpose(tool)))
    return (best,) if choice.mode == "required" or words & _purpose(best) else ()


def _mentions(text: str, name: str) -> bool:
    spaced = " ".join(re.split(r"[_-]+", CAMEL_CASE.sub("_", name))).lower()
    names = {re.escape(name.lower()), re.escape(spaced)}
    return bool(re.search(rf"(?<!\w)(?:{'|'.join(sorted(names))})(?!\w)", text.lower()))


def _purpose(tool: FunctionTool) -> frozenset[str]:
    return _words(f"{CAMEL_CASE.sub(' ', tool.name).replace('_', ' ')} {tool.description}")


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.lower())) - COMMON_WORDS
