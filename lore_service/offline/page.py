"""The page of the offline model: what it is, what it counted, and the faults it can have."""

import html
from typing import Any

from lore_service.offline.answer import LABEL
from lore_service.offline.faults import KINDS, Rule

FIELDS = {
    "times": "how often; empty: always",
    "probability": "0 to 1; empty: 1",
    "match": "only for prompts or models that contain this",
    "status": "400 to 599, for the fault status",
    "retry_after_s": "seconds, for rate and 503",
}


def page(seconds: float, totals: dict[str, Any], rules: list[Rule]) -> str:
    """The whole page as HTML."""
    options = "".join(f'<option value="{kind}">{kind}</option>' for kind in KINDS)
    inputs = "".join(
        f'<label>{name} <input name="{name}" placeholder="{html.escape(hint)}" size="34"></label>'
        for name, hint in FIELDS.items()
    )
    return PAGE.format(
        label=LABEL,
        seconds=f"{seconds:g}",
        counters=_rows({name.replace("_", " "): value for name, value in totals.items()}),
        kinds=_rows(KINDS),
        rules=_rules(rules),
        options=options,
        inputs=inputs,
    )


def _rules(rules: list[Rule]) -> str:
    if not rules:
        return "<p>None.</p>"
    shown = [rule.model_dump_json(exclude_defaults=True) for rule in rules]
    listed = "".join(f"<li><code>{html.escape(rule)}</code></li>" for rule in shown)
    return f"<ul>{listed}</ul>{END_ALL}"


def _rows(table: dict[str, Any]) -> str:
    return "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in table.items()
    )


END_ALL = (
    '<form method="post" action="/faults"><button name="clear" value="1">End all</button></form>'
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
<p><strong>{label}.</strong> It speaks OpenAI's HTTP interface and writes lore from a grammar: the
same request, the same answer. It costs nothing, and counts what it would have billed. An answer
takes {seconds} s, unless the request says otherwise (header <code>X-Offline-Seconds</code>).</p>
<h2>Counters</h2>
<table>{counters}</table>
<p>Tokens are an estimate, four characters each; micros are millionths of the currency of
<code>--price-in</code> and <code>--price-out</code>. By call id (header <code>X-Call-Id</code>):
<a href="/counters">/counters</a>, <code>/counters?call_id=…</code>; from zero:
<code>DELETE /counters</code>.</p>
<h2>Faults in force</h2>
{rules}
<h2>Have a fault</h2>
<form method="post" action="/faults">
<label>fault <select name="fault">{options}</select></label>{inputs}<button>Put in force</button>
</form>
<table>{kinds}</table>
<p>By hand: <code>curl -X PUT -d '{{"fault": "cut", "times": 1}}' …/faults</code> adds one, a list
takes the place of all, <code>DELETE /faults</code> ends them. For one request: the header
<code>X-Offline-Fault: cut</code>. For one job: the words <code>fault:cut</code> in its theme.</p>
</body></html>"""
