"""Parses the tools of a request and the choice among them, for both interfaces."""

from typing import Any

from loresmith.offline_model.server.errors import InvalidParameter
from loresmith.offline_model.server.request import checks
from loresmith.offline_model.server.request.conversation import FunctionTool, ToolSelection
from loresmith.offline_model.server.request.strict_rules import check_object_schema, check_strict

MAX_TOOLS = 128
MODES = ("none", "auto", "required")


def parse_tools(payload: dict[str, Any], *, nested: bool) -> ToolSelection:
    """Returns the choice. Raises InvalidParameter.

    With `nested`, a function is in the field `function`, as chat completions have it.
    """
    if payload.get("tools") is None:
        return _without_tools(payload, nested)
    listed = checks.array(payload["tools"], "tools", minimum=int(nested), maximum=MAX_TOOLS)
    tools = tuple(_tool(tool, f"tools[{number}]", nested) for number, tool in enumerate(listed))
    mode, tools = _choice(payload.get("tool_choice"), tools, nested)
    return ToolSelection(mode, tools, payload.get("parallel_tool_calls") is not False)


def _without_tools(payload: dict[str, Any], nested: bool) -> ToolSelection:
    fields = ("tool_choice", "parallel_tool_calls") if nested else ("tool_choice",)
    for field in fields:
        value = payload.get(field)
        if value is not None and (nested or value not in ("none", "auto")):
            message = f"'{field}' is only allowed when 'tools' are specified."
            raise InvalidParameter(message, field)
    return ToolSelection("none")


def _tool(tool: Any, place: str, nested: bool) -> FunctionTool:
    if not isinstance(tool, dict):
        raise checks.wrong_type(place, "an object", tool)
    tool_type = checks.text(tool.get("type"), f"{place}.type")
    if tool_type != "function":
        raise InvalidParameter(
            f"Tools of the type '{tool_type[:100]}' are not supported with this model: "
            "only 'function' is.",
            f"{place}.type",
            "unsupported_value",
        )
    if nested:
        place = f"{place}.function"
        if tool.get("function") is None:
            raise checks.missing(place)
        tool = checks.mapping(tool["function"], place)
    name = checks.name(tool.get("name"), f"{place}.name")
    parameters = checks.mapping(tool.get("parameters"), f"{place}.parameters")
    _check_parameters(parameters, name, f"{place}.parameters", is_strict=tool.get("strict") is True)
    return FunctionTool(name, str(tool.get("description") or ""), parameters)


def _check_parameters(
    parameters: dict[str, Any], name: str, param: str, *, is_strict: bool
) -> None:
    title, code = f"function '{name}'", "invalid_function_parameters"
    if parameters or is_strict:
        check_object_schema(parameters, title, param, code)
    if is_strict:
        check_strict(parameters, title, param, code)


def _choice(
    choice: Any, tools: tuple[FunctionTool, ...], nested: bool
) -> tuple[str, tuple[FunctionTool, ...]]:
    """Returns the mode and the tools that may be called."""
    if choice is None:
        return ("auto" if tools else "none"), tools
    if isinstance(choice, str):
        return checks.one_of(choice, MODES, "tool_choice"), tools
    if not isinstance(choice, dict):
        raise checks.wrong_type("tool_choice", "one of a string or an object", choice)
    choice_type = checks.one_of(
        choice.get("type"), ("function", "allowed_tools"), "tool_choice.type"
    )
    if choice_type == "function":
        return "named", (_named(choice, tools, nested, "tool_choice"),)
    allowed = checks.mapping(choice.get("allowed_tools"), "tool_choice.allowed_tools") if (
        nested
    ) else choice  # fmt: skip
    mode = checks.one_of(allowed.get("mode"), MODES[1:], "tool_choice.mode")
    listed = checks.array(allowed.get("tools"), "tool_choice.tools", minimum=1)
    names = [
        _named(checks.mapping(tool, f"tool_choice.tools[{number}]"), tools, nested, "tool_choice")
        for number, tool in enumerate(listed)
    ]
    return mode, tuple(tool for tool in tools if tool in names)


def _named(
    choice: dict[str, Any], tools: tuple[FunctionTool, ...], nested: bool, param: str
) -> FunctionTool:
    if nested:
        choice, param = (
            checks.mapping(choice.get("function"), f"{param}.function"),
            f"{param}.function",
        )
    name = checks.text(choice.get("name"), f"{param}.name")
    for tool in tools:
        if tool.name == name:
            return tool
    raise InvalidParameter(
        f"Invalid value for 'tool_choice': no function named '{name[:100]}' was specified in the "
        "'tools' parameter.",
        "tool_choice",
    )
