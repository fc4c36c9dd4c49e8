"""Renders the page of the offline model: counters, fault rules and a form."""

import html
from collections.abc import Mapping
from typing import Any

from loresmith.offline_model.server.completion import LABEL
from loresmith.offline_model.server.faults import FAULTS, FaultRule

FIELD_HINTS = {
    "times": "number of uses; empty: no limit",
    "probability": "0 to 1; empty: 1",
    "match": "part of the prompt or of the model's name",
    "status": "400 to 599, for the fault `status`",
    "retry_after_s": "seconds, for `rate` and status 429, 503 or 529",
}


def render_page(duration_s: float, totals: Mapping[str, Any], rules: list[FaultRule]) -> str:
    """Returns the page as HTML."""
    inputs = "".join(
        f'<label>{name} <input name="{name}" placeholder="{html.escape(hint)}" size="34"></label>'
        for name, hint in FIELD_HINTS.items()
    )
    return PAGE.format(
        label=LABEL,
        seconds=f"{duration_s:g}",
        counters=_rows({name.replace("_", " "): value for name, value in totals.items()}),
        faults=_rows(FAULTS),
        rules=_rules(rules),
        options="".join(f'<option value="{fault}">{fault}</option>' for fault in FAULTS),
        inputs=inputs,
    )


def _rules(rules: list[FaultRule]) -> str:
    if not rules:
        return "<p>None.</p>"
    texts = [html.escape(rule.model_dump_json(exclude_defaults=True)) for rule in rules]
    items = "".join(f"<li><code>{text}</code></li>" for text in texts)
    return f"<ul>{items}</ul>{REMOVE_FORM}"


def _rows(table: Mapping[str, Any]) -> str:
    return "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in table.items()
    )


REMOVE_FORM = (
    '<form method="post" action="/faults"><button name="clear" value="1">Remove all rules</button>'
    "</form>"
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Offline model</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
th {{ text-align: left; padding-right: 1rem; font-weight: 600; vertical-align: top }}
label {{ display: block }} label input, select {{ font: inherit }} code {{ background: #8883 }}
</style></head><body>
<h1>Offline model</h1>
<p><strong>{label}.</strong> It implements OpenAI's HTTP API and writes lore from a grammar.
Identical requests get identical answers. It costs nothing and counts what it would bill. An answer
takes {seconds} s; the header <code>X-Offline-Seconds</code> sets another duration.</p>
<h2>Counters</h2>
<table>{counters}</table>
<p>A token is estimated as four characters. A micro is a millionth of the currency of
<code>--price-in</code> and <code>--price-out</code>. Counters by call id (header
<code>X-Call-Id</code>): <a href="/counters">/counters</a>, <code>/counters?call_id=…</code>.
Reset: <code>DELETE /counters</code>.</p>
<h2>Fault rules</h2>
{rules}
<h2>Add a rule</h2>
<form method="post" action="/faults">
<label>fault <select name="fault">{options}</select></label>{inputs}<button>Add rule</button>
</form>
<table>{faults}</table>
<p>From a shell: <code>curl -X PUT -d '{{"fault": "cut", "times": 1}}' …/faults</code> adds a rule,
a list replaces all rules, <code>DELETE /faults</code> removes them. For one request: the header
<code>X-Offline-Fault: cut</code>. For one job: <code>fault:cut</code> in its theme.</p>
</body></html>"""
