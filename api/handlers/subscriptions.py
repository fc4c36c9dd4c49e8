"""Subscribes requests to events."""

from collections.abc import Callable
from contextlib import ExitStack

from starlette.requests import Request

from loresmith.api.events.broadcaster import EventBroadcaster, Fields, Subscriber
from loresmith.api.http.connection_limits import StreamLimits
from loresmith.api.http.principals import confirmed_principal, principal_of


class Subscriptions:
    """Opens the subscriptions of event streams, within the limits of their principals."""

    def __init__(self, broadcaster: EventBroadcaster, streams: StreamLimits) -> None:
        self._broadcaster = broadcaster
        self._streams = streams

    async def open(
        self, request: Request, stack: ExitStack, accepts: Callable[[Fields], bool], topic: str
    ) -> Subscriber:
        """Subscribes until `stack` is closed; the principal is confirmed after that.

        Raises Problem, StoreUnavailable.
        """
        await self._broadcaster.ready()
        stack.enter_context(self._streams.open_stream(principal_of(request).counted_as))
        subscriber = stack.enter_context(self._broadcaster.subscribe(accepts, topic))
        subscriber.set_principal(await confirmed_principal(request))
        return subscriber
