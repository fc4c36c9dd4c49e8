"""Everything a working worker is made of, built together and closed together."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from redis import Redis
from rq.worker import BaseWorker

from jobs.config import Config
from jobs.doorbell import Doorbell
from jobs.sweeper import Sweeper
from worker.bell import Bell
from worker.connections import pooled
from worker.crew import Crew
from worker.execution import Execution
from worker.housekeeping import Housekeeping, ServerCheck
from worker.in_flight import InFlight
from worker.intake import Intake
from worker.lore_client import LoreClient
from worker.rq_books import RqBooks
from worker.shelf import Shelf
from worker.side_thread import SideThread
from worker.store import Store

RQ_CONNECTIONS = 8


@dataclass(frozen=True)
class Parts:
    """See the modules of the same names."""

    bell: Bell
    in_flight: InFlight
    store: Store
    intake: Intake
    crew: Crew
    side_thread: SideThread
    housekeeping: Housekeeping
    check: ServerCheck
    lore: LoreClient
    shelf: Shelf

    def close(self) -> None:
        """Ends what is not a thread of ours."""
        self.lore.close()
        self.shelf.close()


def assemble(
    worker: BaseWorker, given: Redis, config: Config, suspended: Callable[[], bool]
) -> Parts:
    """The parts of one worker process. Connects to nothing yet."""
    texts = pooled(given, decode=True)
    bytes_ = pooled(given, decode=False, connections=RQ_CONNECTIONS)
    doorbell = Doorbell(bytes_, config.queue)
    bell = Bell(bytes_, worker.queue_names())
    in_flight = InFlight(config.concurrency)
    owner = f"{worker.name}.{uuid4().hex[:8]}"
    store = Store(texts, owner, config.lease_s, config.ring_again_s)
    books = RqBooks(worker, bytes_, config.lease_s)
    lore, shelf = LoreClient(config.lore_address), Shelf(config.database_url)
    check = ServerCheck(texts)
    sweeper = Sweeper(texts, doorbell, config)
    return Parts(
        bell=bell,
        in_flight=in_flight,
        store=store,
        intake=Intake(bell, store, books, in_flight),
        crew=Crew(in_flight, Execution(store, lore, shelf), store, books, doorbell),
        side_thread=SideThread(in_flight, store, books, config, suspended),
        housekeeping=Housekeeping(sweeper, books, check, config.sweep_s),
        check=check,
        lore=lore,
        shelf=shelf,
    )
