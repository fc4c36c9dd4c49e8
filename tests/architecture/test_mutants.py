"""Every row of tests/mutants/table.txt applies to exactly one place, and each operator works."""

import ast
from collections import Counter
from functools import cache

import pytest

# The Lua that fakeredis loads: two of them in one process do not get on.
from lupa.lua51 import LuaRuntime  # type: ignore[import-untyped]

from loresmith.jobs.store.scripts import with_prelude
from tests.architecture.tree import BEFORE, ROOT, SCRIPTS
from tests.mutants import MUTANTS, Mutant, NoPlace, lua, mutants, python
from tests.mutants.__main__ import chosen, parser

IN_LUA = [mutant for mutant in MUTANTS if mutant.file.endswith(".lua")]
IN_PYTHON = [mutant for mutant in MUTANTS if mutant.file.endswith(".py")]
PRELUDE_FILES = {part.path for part in BEFORE}


def applied(mutant: Mutant) -> tuple[str, str]:
    """The file without the rule, and with it."""
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    return mutant.applied_to(text), text


@cache
def unparsed(text: str) -> str:
    return ast.unparse(ast.parse(text))


@pytest.mark.parametrize("mutant", IN_PYTHON, ids=lambda mutant: mutant.name)
def test_a_python_row_has_one_place(mutant: Mutant) -> None:
    """Given a row / when its function was rewritten / I expect the row to be rewritten with it."""
    mutated, text = applied(mutant)

    assert mutated != unparsed(text)
    ast.parse(mutated)


@pytest.mark.parametrize("mutant", IN_LUA, ids=lambda mutant: mutant.name)
def test_a_lua_row_has_one_place_and_compiles(mutant: Mutant) -> None:
    """Given a script without a rule / I expect it to compile: a broken one proves nothing."""
    mutated, text = applied(mutant)

    assert mutated != text
    alone = ROOT / mutant.file in PRELUDE_FILES
    LuaRuntime().compile(mutated if alone else with_prelude(mutated))


def test_the_names_of_rows_differ() -> None:
    repeated = [name for name, times in Counter(row.name for row in MUTANTS).items() if times > 1]

    assert repeated == []


def test_the_tests_of_rows_exist() -> None:
    named = {test for row in MUTANTS for test in row.tests}

    assert [test for test in named if not (ROOT / test).exists()] == []


def test_every_anchor_has_a_row() -> None:
    anchors = {
        (str(script.path.relative_to(ROOT)), anchor)
        for script in [*BEFORE, *SCRIPTS]
        for anchor in lua.anchors(script.text)
    }

    assert anchors == {(mutant.file, mutant.where) for mutant in IN_LUA}


@pytest.mark.parametrize("language", [lua, python], ids=["lua", "python"])
def test_every_operator_has_an_example_and_a_row(language: object) -> None:
    examples, rows = (LUA, IN_LUA) if language is lua else (PYTHON, IN_PYTHON)
    operators = {*lua.OPERATORS, "remove"} if language is lua else set(python.OPERATORS)

    assert {operator.split(" ")[0] for _, operator, _ in examples} == operators
    assert {mutant.operator.split(" ")[0] for mutant in rows} == operators


LUA = [
    ("if a == 1 then f() end", "remove", ""),
    ("if a == 1 then f() end", "value false", "if false then f() end"),
    ("local open = a or b", "value true", "local open = true"),
    ("if a and (b or c) then", "true 2", "if a and true then"),
    ("x = a and b or 'c'", "false 1", "x = false and b or 'c'"),
    ("if a ~= b or c(1, 2) ~= d then", "drop 1", "if c(1, 2) ~= d then"),
    ("if a ~= b or c(1, 2) ~= d then", "drop 2", "if a ~= b then"),
    ("or a.b + c + d > e", "term 1", "or c + d > e"),
    ("f('X', #t + 1)", "term 2", "f('X', #t )"),
    ("f('X', key, 'LIMIT', 0, g(1))", "cut 3 4", "f('X', key,  g(1))"),
    ("f('X', key, 'LIMIT', 0, g(1))", "element 2 nil", "f('X', nil, 'LIMIT', 0, g(1))"),
    ("return math.max(20, tonumber(seen[5]))", "argument 2", "return tonumber(seen[5])"),
    ("f('attempt', 1)", "number 1 0", "f('attempt', 0)"),
    ("f('HSETNX', 'a')", "string HSETNX HSET", "f('HSET', 'a')"),
    ("if a < b and c < d then", "compare 2 >=", "if a < b and c >= d then"),
    ("if a and s ~= 'x' then", "also 1 y", "if a and (s ~= 'x' and s ~= 'y') then"),
    ("if s[1] ~= 'x' then", "presence 1", "if not s[1] then"),
]


@pytest.mark.parametrize(("line", "operator", "expected"), LUA, ids=lambda value: value or "-")
def test_an_operator_of_lua(line: str, operator: str, expected: str) -> None:
    mutated = lua.mutated(f"local z = 1\n  {line} -- rule: here\n", "here", operator)

    assert mutated.splitlines()[1].removesuffix(" -- rule: here").replace(
        " ", ""
    ) == expected.replace(" ", "")


def test_a_block_of_lua_is_removed_whole() -> None:
    block = "for a in b do -- rule: here\n  if a then f({ 1 }) end\nend\ng()\n"

    assert lua.mutated(block, "here", "remove") == "\ng()\n"


PYTHON = [
    ("f(); g()", "remove call 2/2", "f(); pass"),
    ("f(); g()", "first call 2/2", "g(); f()"),
    ("x = a if b else c", "true 1/1", "x = a if True else c"),
    ("x = [y for y in z if y]", "false 1/1", "x = [y for y in z if False]"),
    ("x = a and (b or c)", "drop 1/3", "x = b or c"),
    ("x = a and (b or c)", "drop 3/3", "x = a and b"),
    ("x = 1; y = 2", "value 2/2 None", "x = 1; y = None"),
    ("return x", "return 1/1 []", "return []"),
    ("x = max(a, b)", "argument max 2", "x = b"),
    ("x = m.f(a, b)", "argument 1/1 1", "x = a"),
    ("f(g, 1)", "direct 1/1", "g()"),
    ("f(k=1)", "key k 2", "f(k=2)"),
    ("x = {'k': 1}", "key k 2", "x = {'k': 2}"),
    ("x = [('k', 1)]", "key k 2", "x = [('k', 2)]"),
    ("x = 1 < y < 5", "number 5 6", "x = 1 < y < 6"),
    ("x = 'a', 'b'", "string b c", "x = 'a', 'c'"),
    ("x = f'{a}-{b}'", "field 2/2 1", "x = f'{a}-1'"),
    ("x = a < b < c", "compare 2/2 !=", "x = a < b != c"),
]


@pytest.mark.parametrize(("body", "operator", "expected"), PYTHON)
def test_an_operator_of_python(body: str, operator: str, expected: str) -> None:
    source = "class A:\n    def f(self):\n        {}\n"

    mutated = python.mutated(source.format(body), "A.f", operator)

    assert mutated == ast.unparse(ast.parse(source.format(expected)))


@pytest.mark.parametrize(
    ("where", "operator"),
    [
        ("g", "remove call 1/1"),
        ("f", "remove call 1/2"),
        ("f", "remove call 2/2"),
        ("f", "number 7 8"),
        ("f", "key k 1"),
    ],
)
def test_a_python_row_that_fits_nothing_is_refused(where: str, operator: str) -> None:
    with pytest.raises(NoPlace):
        python.mutated("def f():\n    g()\n", where, operator)


@pytest.mark.parametrize(
    ("where", "operator"),
    [("elsewhere", "remove"), ("here", "drop 3"), ("here", "number 7 8"), ("twice", "remove")],
)
def test_a_lua_row_that_fits_nothing_is_refused(where: str, operator: str) -> None:
    text = "if a or b then c() end -- rule: here\nd() -- rule: twice\nd() -- rule: twice\n"

    with pytest.raises(NoPlace):
        lua.mutated(text, where, operator)


def test_a_table_is_read_by_sections() -> None:
    table = (
        "# about\n[a.lua]\nfence | drop 1 | no fence\n\n[b.py x y]\nf | remove call 1/1 | none\n"
    )

    assert mutants(table) == [
        Mutant("a.lua", "fence", "drop 1", "no fence", ("tests/store",)),
        Mutant("b.py", "f", "remove call 1/1", "none", ("x", "y")),
    ]


def test_some_are_chosen_by_name_by_file_and_as_a_sample() -> None:
    file = "jobs/store/lua/jobs/retry.lua"
    of_file = chosen([], files=[file])

    assert {mutant.file for mutant in of_file} == {file}
    assert chosen(["retry.lua"]) == of_file
    assert len(chosen([], sample=5)) == 5
    assert chosen(["no such rule"]) == []


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])

    assert "--minutes" in capsys.readouterr().out
