"""Checks of the server around a completion: models, cancelling, background responses, headers."""

import asyncio
from typing import Any

from loresmith.lore_service.conformance.finding import ProviderUnusable
from loresmith.lore_service.conformance.request_checks import LONG_PROMPT
from loresmith.lore_service.conformance.session import SHORT_TOKENS, Session, check_reachable
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.json_values import field_text, mapping, objects

MISSING_MODEL = "loresmith-no-such-model"
SLOT_CHECKS, SLOT_INTERVAL_S = 10, 0.3
"""How often a server that shows its slots is asked whether a cancelled answer goes on."""
NOT_OFFERED = (404, 405, 501)


async def check_models(session: Session) -> None:
    """Looks for the model in the list. Raises ProviderUnusable where nothing can be reached."""
    try:
        listed = await session.exchanges.get("/models")
    except ProviderProblem as problem:
        check_reachable(problem)
        session.add_problem("models", problem)
        return
    names = [field_text(each.get("id")) for each in objects(mapping(listed).get("data"))]
    if session.model in names:
        session.add("models", "yes", f"{len(names)} listed, this one among them")
    else:
        session.add("models", "no", f"{len(names)} listed, not this one: {_some(names)}")


async def check_missing_model(session: Session) -> None:
    """Finds whether a wrong name of a model is refused, so that another can be tried."""
    body = session.body(LONG_PROMPT, max_tokens=SHORT_TOKENS) | {"model": MISSING_MODEL}
    try:
        reply = await session.send(body)
    except ProviderUnusable as error:  # some answer 401 or 403 for a model
        session.add("missing model refused", "yes", str(error))
        return
    problem = reply.problem
    if problem is None:
        session.add("missing model refused", "no", "it answers whatever the name")
    elif problem.status is not None and problem.status < 500:
        session.add("missing model refused", "yes", f"{problem.status} {problem.code}".strip())
    else:
        session.add("missing model refused", "no", problem.message)


async def check_cancel(session: Session) -> None:
    """Closes the connection at the first text, and looks whether the server goes on writing."""
    reply = await session.send(session.body(LONG_PROMPT), stops_at_text=True)
    if reply.problem:
        session.add_problem("cancel", reply.problem)
    elif reply.first_text_s is None:
        session.add("cancel", "not visible", "no text came before the end")
    else:
        await _look_at_slots(session)


async def _look_at_slots(session: Session) -> None:
    """Reads the slots that llama.cpp shows; other servers show nothing."""
    for _ in range(SLOT_CHECKS):
        try:
            slots = objects(await session.exchanges.get(f"{session.exchanges.root}/slots"))
        except ProviderProblem:
            slots = []
        if not any("is_processing" in slot for slot in slots):
            session.add("cancel", "not visible", "the server does not show what it is writing")
            return
        if not any(slot["is_processing"] for slot in slots if "is_processing" in slot):
            session.add("cancel", "yes", "closing the connection stops the answer")
            return
        await asyncio.sleep(SLOT_INTERVAL_S)
    session.add("cancel", "no", "the server goes on after the connection is closed")


async def check_background(session: Session) -> None:
    """Creates a background response, looks it up by its id and cancels it."""
    body: dict[str, Any] = {
        "model": session.model,
        "input": LONG_PROMPT,
        "background": True,
        "store": True,
        "max_output_tokens": SHORT_TOKENS,
    }
    session.report.requests += 1
    try:
        created = mapping(await session.exchanges.post("/responses", body))
    except ProviderProblem as problem:
        if problem.status in NOT_OFFERED:
            session.add("background responses", "no", "the server does not offer them")
        else:
            session.add_problem("background responses", problem)
        return
    await _look_up(session, field_text(created.get("id")))


async def _look_up(session: Session, response_id: str) -> None:
    path = f"/responses/{response_id}"
    try:
        stored = mapping(await session.exchanges.get(path))
    except ProviderProblem as problem:
        session.add("background responses", "ignored", f"not stored: {problem.message}")
        return
    if field_text(stored.get("id")) != response_id or not response_id:
        session.add("background responses", "ignored", "not stored by its id")
        return
    try:
        status = field_text(mapping(await session.exchanges.post(f"{path}/cancel")).get("status"))
    except ProviderProblem as problem:
        status = f"cancelling it failed ({problem.status})"
    session.add("background responses", "yes", f"looked up by id; after cancelling: {status}")


def note_headers(session: Session) -> None:
    """Notes the headers of all answers."""
    kinds = session.rate_limit_kinds
    session.add("rate-limit headers", "yes" if kinds else "no", ", ".join(kinds))
    refused = [reply for reply in session.replies if reply.problem and reply.problem.status == 429]
    pauses = [reply.problem.retry_after_ms for reply in refused if reply.problem]
    if not refused:
        session.add("Retry-After", "not visible", "no request was refused with 429")
    elif any(pauses):
        session.add("Retry-After", "yes", f"{max(pauses) / 1000:g} s")
    else:
        session.add("Retry-After", "no", "a 429 came without it")


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
