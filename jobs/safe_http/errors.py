"""Why a request failed. The messages name the server, and neither query, header nor body.

HttpError
  AddressRefused      the request would have reached an address that is not public
  RequestTimedOut     no complete response in time
  ResponseTooLarge    the response exceeds its maximum
  RequestAborted      another thread ended it
"""


class HttpError(Exception):
    """The request failed."""


class AddressRefused(HttpError):
    """The request would have reached an address that is not public; nothing was connected."""


class RequestTimedOut(HttpError):
    """There was no complete response in time."""


class ResponseTooLarge(HttpError):
    """The response exceeds its maximum size."""


class RequestAborted(HttpError):
    """Another thread ended the request."""
