"""A class name is defined once in the product, so that a name leads to one place."""

import re
from collections import defaultdict

from tests.architecture.tree import ROOT, line_of, sources, text_of

CLASS = re.compile(r"^ *class (\w+)", re.MULTILINE)


def test_no_class_name_is_defined_twice() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources():
        for match in CLASS.finditer(text := text_of(path)):
            places[match[1]].append(f"{path.relative_to(ROOT)}:{line_of(text, match.start())}")

    assert {name: matches for name, matches in places.items() if len(matches) > 1} == {}
