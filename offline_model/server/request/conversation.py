"""The messages and tools of a request, the same for both interfaces."""

from dataclasses import dataclass, field
from typing import Any

CHARACTERS_PER_TOKEN = 4


def count_tokens(text: str) -> int:
    """Estimates the tokens of a text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


@dataclass(frozen=True)
class EarlierCall:
    """One call of a tool by the assistant, in an earlier message."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class PromptMessage:
    """One message of the conversation."""

    role: str
    """system, developer, user, assistant or tool."""
    text: str
    image_tokens: int = 0
    tool_calls: tuple[EarlierCall, ...] = ()
    tool_call_id: str = ""
    """The call that a message with the role tool answers."""


@dataclass(frozen=True)
class FunctionTool:
    """A function that the model may call."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    """JSON Schema of its arguments."""


@dataclass(frozen=True)
class ToolSelection:
    """Which tools the model may or must call."""

    mode: str = "auto"
    """auto, none, required, or named: exactly one named tool."""
    tools: tuple[FunctionTool, ...] = ()
    parallel: bool = True
    """Allows several calls in one answer."""


@dataclass(frozen=True)
class Conversation:
    """All messages that lead to an answer."""

    messages: tuple[PromptMessage, ...]

    @property
    def prompt(self) -> str:
        """The text of all messages."""
        return "\n".join(message.text for message in self.messages if message.text)

    @property
    def question(self) -> str:
        """The text of the last message of the user."""
        texts = [message.text for message in self.messages if message.role == "user"]
        return texts[-1] if texts else ""

    @property
    def turn(self) -> tuple[PromptMessage, ...]:
        """The messages after the last one of the user."""
        for number in range(len(self.messages), 0, -1):
            if self.messages[number - 1].role == "user":
                return self.messages[number:]
        return self.messages

    @property
    def tool_results(self) -> list[tuple[str, str]]:
        """Name and result of each tool call of this turn."""
        names = {call.id: call.name for message in self.turn for call in message.tool_calls}
        return [
            (names.get(message.tool_call_id, "the tool"), message.text)
            for message in self.turn
            if message.role == "tool"
        ]

    @property
    def hidden_tokens(self) -> int:
        """Estimates the tokens outside the prompt: images and earlier tool calls."""
        calls = [call for message in self.messages for call in message.tool_calls]
        images = sum(message.image_tokens for message in self.messages)
        return images + sum(count_tokens(call.name + call.arguments) for call in calls)
