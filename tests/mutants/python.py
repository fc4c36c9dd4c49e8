"""Mutations of Python, in a function or another definition that is found by its qualified name.

    remove KIND N     without statement N of a kind: call, if, assign, return, raise
    first call N      the call that is statement N of its kind is the first of its block
    true N | false N  condition N is true or false: of if, while, a conditional or a comprehension
    drop N            without operand N of its `and`s and `or`s
    value N VALUE     assignment N has this value
    return N VALUE    return N has this value
    argument N M      call N, or the call of a name, is its argument M alone
    direct N          call N is a call of its first argument
    key NAME VALUE    the key of a dictionary, or the keyword of a call, or the first of a pair that
                      has this name, has this value
    number OLD NEW    the number OLD is NEW
    string OLD NEW    the string OLD, or string N, is NEW
    field N TEXT      field N of an f-string is this text
    compare N SIGN    comparison N has this sign

N is 2/3 for the second of three, in the order of the source: a definition that gains or loses one
must be looked at again. M counts from 1.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from tests.mutants.errors import NoPlace

T = TypeVar("T")
STATEMENTS = {"if": ast.If, "assign": ast.Assign, "return": ast.Return, "raise": ast.Raise}
SIGNS = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
    "in": ast.In, "is": ast.Is,
}  # fmt: skip


def mutated(text: str, name: str, operator: str) -> str:
    """The source with an operator applied in a definition. Raises NoPlace."""
    tree = ast.parse(text)
    before = ast.dump(tree)
    verb, *arguments = operator.split(" ")
    OPERATORS[verb](_definition(tree, name), *arguments)
    if ast.dump(tree) == before:
        raise NoPlace(f"{operator!r} changes nothing")
    return ast.unparse(ast.fix_missing_locations(tree))


def _definition(tree: ast.Module, name: str) -> ast.AST:
    """The class, function or assignment of a qualified name."""
    scope: ast.AST = tree
    for part in name.split("."):
        matches = [node for node in ast.iter_child_nodes(scope) if part in _names(node)]
        scope = _only(matches, name)
    return scope


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return [node.name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name()):
            return [node.target.id]
    return []


def _all(scope: ast.AST, *kinds: type[T]) -> list[T]:
    """The nodes of some kinds within a definition, by where they begin."""
    matches: list[Any] = [node for node in ast.walk(scope) if isinstance(node, kinds)]
    return sorted(matches, key=lambda node: (node.lineno, node.col_offset, -node.end_col_offset))


def _one(matches: list[T], number: str) -> T:
    """Number N of M, written N/M. Raises NoPlace when there are not M."""
    place, _, count = number.partition("/")
    if str(len(matches)) != count or not 1 <= int(place) <= len(matches):
        raise NoPlace(f"there are {len(matches)}, not {number}")
    return matches[int(place) - 1]


def _only(matches: list[T], name: str) -> T:
    if len(matches) != 1:
        raise NoPlace(f"there are {len(matches)} of {name}")
    return matches[0]


def _statements(scope: ast.AST, kind: str) -> list[ast.stmt]:
    if kind != "call":
        return _all(scope, STATEMENTS[kind])
    return [node for node in _all(scope, ast.Expr) if isinstance(_awaited(node.value), ast.Call)]


def _awaited(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node


def _blocks(scope: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(scope):
        for name in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, name, None), list):
                yield block


def _block(scope: ast.AST, statement: ast.stmt) -> list[ast.stmt]:
    (block,) = [block for block in _blocks(scope) if statement in block]
    return block


def _replace(scope: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Puts a node in the place of another."""
    for parent in ast.walk(scope):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(each is old for each in value):
                value[:] = [new if each is old else each for each in value]


def _expression(value: str) -> ast.expr:
    return ast.parse(value, mode="eval").body


def _remove(scope: ast.AST, kind: str, number: str) -> None:
    statement = _one(_statements(scope, kind), number)
    block = _block(scope, statement)
    block[block.index(statement)] = ast.Pass()


def _first(scope: ast.AST, kind: str, number: str) -> None:
    statement = _one(_statements(scope, kind), number)
    block = _block(scope, statement)
    block.remove(statement)
    block.insert(0, statement)


def _conditions(scope: ast.AST) -> list[ast.expr]:
    tests = [node.test for node in _all(scope, ast.If, ast.While, ast.IfExp)]
    tests += [
        test for node in ast.walk(scope) if isinstance(node, ast.comprehension) for test in node.ifs
    ]
    return sorted(tests, key=lambda test: (test.lineno, test.col_offset))


def _condition(value: bool) -> Callable[..., None]:
    def replace(scope: ast.AST, number: str) -> None:
        _replace(scope, _one(_conditions(scope), number), ast.Constant(value))

    return replace


def _drop(scope: ast.AST, number: str) -> None:
    operands = [(node, value) for node in _all(scope, ast.BoolOp) for value in node.values]
    operands = [pair for pair in operands if not isinstance(pair[1], ast.BoolOp)]
    operands.sort(key=lambda pair: (pair[1].lineno, pair[1].col_offset))
    node, operand = _one(operands, number)
    node.values.remove(operand)
    if len(node.values) == 1:
        _replace(scope, node, node.values[0])


def _value(kind: type[ast.Assign] | type[ast.Return]) -> Callable[..., None]:
    def replace(scope: ast.AST, number: str, value: str) -> None:
        _one(_all(scope, kind), number).value = _expression(value)

    return replace


def _argument(scope: ast.AST, which: str, argument: str) -> None:
    calls = _all(scope, ast.Call)
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == which]
    call = _only(named, which) if which.isidentifier() else _one(calls, which)
    _replace(scope, call, call.args[int(argument) - 1])


def _direct(scope: ast.AST, number: str) -> None:
    call = _one(_all(scope, ast.Call), number)
    _replace(scope, call, ast.Call(call.args[0], [], []))


def _key(scope: ast.AST, name: str, value: str) -> None:
    values = [
        each.value for node in _all(scope, ast.Call) for each in node.keywords if each.arg == name
    ]
    for node in _all(scope, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        values += [
            each for key, each in pairs if isinstance(key, ast.Constant) and key.value == name
        ]
    for pair in _all(scope, ast.Tuple):
        match pair.elts:
            case [ast.Constant(value=key), held] if key == name:
                values.append(held)
    _replace(scope, _only(values, name), _expression(value))


def _constants(scope: ast.AST, *kinds: type) -> list[ast.Constant]:
    return [node for node in _all(scope, ast.Constant) if type(node.value) in kinds]


def _number(scope: ast.AST, old: str, new: str) -> None:
    numbers = [node for node in _constants(scope, int, float) if str(node.value) == old]
    _only(numbers, old).value = ast.literal_eval(new)


def _string(scope: ast.AST, old: str, new: str) -> None:
    docstrings = [node.value for node in _all(scope, ast.Expr)]
    strings = [node for node in _constants(scope, str) if node not in docstrings]
    if "/" in old:
        _one(strings, old).value = new
    else:
        _only([node for node in strings if node.value == old], old).value = new


def _field(scope: ast.AST, number: str, value: str) -> None:
    field = _one(_all(scope, ast.FormattedValue), number)
    _replace(scope, field, ast.Constant(value))


def _compare(scope: ast.AST, number: str, sign: str) -> None:
    signs = [(node, place) for node in _all(scope, ast.Compare) for place in range(len(node.ops))]
    node, place = _one(signs, number)
    node.ops[place] = SIGNS[sign]()


OPERATORS: dict[str, Callable[..., None]] = {
    "remove": _remove,
    "first": _first,
    "true": _condition(True),
    "false": _condition(False),
    "drop": _drop,
    "value": _value(ast.Assign),
    "return": _value(ast.Return),
    "argument": _argument,
    "direct": _direct,
    "key": _key,
    "number": _number,
    "string": _string,
    "field": _field,
    "compare": _compare,
}
