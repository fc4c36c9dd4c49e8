"""Errors of the HTTP interface.

Exception
 ├─ ApiError              answered with an error body in OpenAI's format
 │   └─ BadRequest        also a ValueError
 └─ ConnectionAborted     closes the connection in the middle of a response
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """The request is rejected or fails before a response starts."""

    def __init__(
        self, message: str, status: int, code: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


class BadRequest(ApiError, ValueError):
    """The request is invalid; the text says why."""

    def __init__(self, message: str, code: str = "invalid_request_error") -> None:
        super().__init__(message, 400, code)


class ConnectionAborted(Exception):
    """Makes the server close the connection without ending the response."""


async def send_error(request: Request, error: Exception) -> Response:
    """Handles an ApiError of any endpoint."""
    if not isinstance(error, ApiError):
        raise error
    body = {"message": str(error), "type": error.code, "code": error.code, "param": None}
    return JSONResponse({"error": body}, error.status, error.headers)
