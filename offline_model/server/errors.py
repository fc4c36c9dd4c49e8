"""Errors of the HTTP interface.

Exception
 ├─ ApiError                  answered with an error body in OpenAI's format
 │   └─ BadRequest            also a ValueError
 │       └─ InvalidParameter  names the parameter
 └─ ConnectionAborted         closes the connection in the middle of a response
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """The request is rejected or fails before a response starts."""

    param: str | None = None
    """The parameter that is invalid."""

    def __init__(
        self, message: str, status: int, code: str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers

    @property
    def error_type(self) -> str | None:
        return self.code


class BadRequest(ApiError, ValueError):
    """The request is invalid; the text says why."""

    def __init__(self, message: str, code: str | None = "invalid_request_error") -> None:
        super().__init__(message, 400, code)

    @property
    def error_type(self) -> str:
        return "invalid_request_error"


class InvalidParameter(BadRequest):
    """One parameter of the request is invalid."""

    def __init__(self, message: str, param: str | None, code: str | None = None) -> None:
        super().__init__(message, code)
        self.param = param


class ConnectionAborted(Exception):
    """Makes the server close the connection without ending the response."""


async def send_error(request: Request, error: Exception) -> Response:
    """Handles an ApiError of any endpoint."""
    if not isinstance(error, ApiError):
        raise error
    body = {
        "message": str(error),
        "type": error.error_type,
        "param": error.param,
        "code": error.code,
    }
    return JSONResponse({"error": body}, error.status, error.headers)
