"""The AI call log: a line for each model call at its end, and never a text.

The fingerprint of a prompt is a keyed hash. Without a key, a reader of the log could hash guessed
prompts (names, addresses, the prompts of a known template) until one matches.
"""

import asyncio
import hmac
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.logs.fields import LogFields
from loresmith.jobs.core.logs.formatter import SafeFormatter
from loresmith.lore_service.ledger.ledger import Ledger, LedgerUnavailable, Settlement
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.usage import ProviderUsage

LOGGER = "loresmith.ai_calls"
FINGERPRINT_DIGITS = 32
OWNER_FIELDS = ["user_id", "team_id", "delegate"]
OWNER_TIMEOUT_S = 1.0
"""How long a line waits for the job's owner."""
log = get_logger(LOGGER)


class AiCallLog:
    """Writes the lines. Fingerprints made with the same key compare."""

    def __init__(self, key: str = "") -> None:
        """Without a key, fingerprints compare within this process only."""
        self._key = key.encode() or secrets.token_bytes(32)

    def fingerprint(self, request: ProviderRequest) -> str:
        """Hashes model, messages, schema and maximum length: equal requests have equal ones."""
        digest = hmac.new(self._key, request.fingerprint.encode(), "sha256")
        return digest.hexdigest()[:FINGERPRINT_DIGITS]

    async def ended(
        self,
        request: ProviderRequest,
        ledger: Ledger,
        settlement: Settlement,
        *,
        code: str,
        usage: ProviderUsage | None,
        seconds: float,
        first_token_s: float | None,
    ) -> None:
        """Logs a call that has ended, without its owner while Redis is unavailable."""
        job_id = request.call_id.partition("/")[0]
        user = team = delegate = ""
        with suppress(LedgerUnavailable, TimeoutError):
            async with asyncio.timeout(OWNER_TIMEOUT_S):
                user, team, delegate = await ledger.job_values(job_id, OWNER_FIELDS)
        fields: LogFields = {
            "call_id": request.call_id,
            "job_id": job_id,
            "user": user,
            "team": team,
            "principal": delegate,
            "type": request.schema_name,
            "provider": request.provider,
            "model": request.full_model,
            "outcome": settlement.state,
            "code": code,
            "seconds": round(seconds, 3),
        }
        if first_token_s is not None:
            fields["first_token_s"] = round(first_token_s, 3)
        if usage:
            fields["tokens_in"] = usage.input_tokens
            fields["tokens_out"] = usage.output_tokens
            fields["tokens_cached"] = usage.cached_tokens
        if cost := settlement.fields.get("cost_micros"):
            fields["cost"] = int(cost) / 1e6
        if request.messages:
            fields["fingerprint"] = self.fingerprint(request)
        log.info("model call", **fields)


def log_calls_to(path: Path) -> None:
    """Writes the lines to a file as JSON, for the owner's eyes only, instead of to the log.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(SafeFormatter("lore_service", "json"))
    log.only_to(handler)
