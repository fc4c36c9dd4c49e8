"""Turns exceptions of the openai SDK and its transport into a ProviderProblem, in words."""

from collections.abc import Iterator

import aiohttp
import httpx2
from openai import APIStatusError

from loresmith.jobs.core.text import valid_text
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.rate_limits import rate_limits
from loresmith.lore_service.providers.reading.provider_errors import ProviderError
from loresmith.lore_service.providers.reading.retry_after import retry_after_ms
from loresmith.lore_service.providers.redaction import redact

MAX_MESSAGE_CHARACTERS = 500
NOT_SENT = {
    aiohttp.ClientConnectorDNSError: "its host name is unknown",
    aiohttp.ClientConnectorCertificateError: "its certificate is not valid",
    aiohttp.ClientConnectorSSLError: "TLS failed",
    aiohttp.ClientProxyConnectionError: "the proxy does not accept connections",
    aiohttp.ClientHttpProxyError: "the proxy refused the connection",
    aiohttp.ClientConnectorError: "it does not accept connections",
    aiohttp.ConnectionTimeoutError: "it did not accept a connection in time",
    aiohttp.InvalidURL: "its address is not valid",
    httpx2.InvalidURL: "its address is not valid",
    httpx2.UnsupportedProtocol: "its address must start with http:// or https://",
    httpx2.LocalProtocolError: "the request is not valid HTTP",
}
"""Errors before there is a connection → reason. The httpx2 classes made from those of aiohttp do
not tell: a server that closes the connection after the request is a ConnectTimeout there."""
UNSENDABLE = (
    "The request cannot be sent: the key, the address or a header of the provider has characters "
    "that HTTP does not allow."
)


def to_problem(error: Exception, api_key: str, *, is_answered: bool = False) -> ProviderProblem:
    """Describes a failed request. `is_answered`: whether its response had started."""
    if isinstance(error, ProviderProblem):
        return problem(error.message, api_key, **_facts(error))
    causes = [*_causes(error)]
    for cause in causes:
        if isinstance(cause, APIStatusError | httpx2.HTTPStatusError):
            return _of_response(cause.response, api_key)
    if not is_answered:
        for cause in causes:
            for kind, reason in NOT_SENT.items():
                if isinstance(cause, kind):
                    return problem(f"The provider cannot be reached: {reason}.", "", sent=False)
        if all(isinstance(cause, ValueError | TypeError) for cause in causes):
            return problem(UNSENDABLE, "", sent=False)
    if any(isinstance(cause, TimeoutError | httpx2.ReadTimeout) for cause in causes):
        return ProviderProblem("The provider sent nothing for too long.")
    return ProviderProblem("The provider closed the connection before its answer was complete.")


def problem(message: str, api_key: str, **facts: object) -> ProviderProblem:
    """Makes a problem whose message is short and does not contain the API key."""
    text = redact(valid_text(message), api_key)[:MAX_MESSAGE_CHARACTERS]
    return ProviderProblem(text, **facts)  # type: ignore[arg-type]


def _of_response(response: httpx2.Response, api_key: str) -> ProviderProblem:
    status = response.status_code
    error = ProviderError.of_text(_body(response))
    message = error.after_status(status)
    if response.is_redirect:
        message = f"The provider answered {status}: the address leads to another one."
    return problem(
        message,
        api_key,
        status=status,
        code=error.code,
        retry_after_ms=retry_after_ms(response.headers),
        limits=tuple(rate_limits(response.headers)),
    )


def _body(response: httpx2.Response) -> str:
    try:
        return response.content.decode(errors="replace")
    except httpx2.StreamError:  # it broke off
        return ""


def _facts(error: ProviderProblem) -> dict[str, object]:
    return {name: value for name, value in vars(error).items() if name != "message"}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yields the error, its causes, and what was being handled when they were raised."""
    waiting: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while waiting:
        cause = waiting.pop(0)
        if cause is not None and cause not in seen:
            seen.append(cause)
            yield cause
            waiting += [cause.__cause__, cause.__context__]
