"""The whole URL table."""

from starlette.routing import Route

from api.assets import Assets
from api.budgets import Budgets
from api.catalogue import job_types
from api.control import Control
from api.docs import Docs
from api.estimates import Estimates
from api.feed import Feed
from api.finding import Finding
from api.jobs import Jobs
from api.kept import Kept
from api.page import Page
from api.parts import Parts
from api.quotes import Quotes
from api.readiness import Readiness
from api.stats import Stats
from api.streams import Streams
from api.usage import Usage
from api.waiting import Waiting
from api.worlds import Worlds
from jobs.prices import Prices


def routes(parts: Parts) -> list[Route]:
    """Every path and method of the server, in the order in which they are tried.

    Raises ConfigError: the prices cannot be read.
    """
    history = parts.store.history
    kept = Kept(parts.batch, parts.config.model)
    quotes = Quotes(Prices.of(parts.config), history, kept, parts.config)
    waiting = Waiting(parts.store, parts.tail)
    jobs = Jobs(parts.store, parts.bell, parts.config, waiting, quotes)
    estimates = Estimates(parts.store, parts.batch, history, quotes, parts.config)
    control = Control(parts.store, parts.bell, quotes, parts.config)
    stats = Stats(parts.store, parts.batch, parts.config.max_body)
    finding = Finding(parts.store, parts.config.max_body)
    worlds = Worlds(parts.archive)
    budgets = Budgets(parts.batch, parts.archive, parts.config.max_body)
    usage = Usage(parts.batch, parts.archive)
    readiness = Readiness(parts.batch, parts.lore, unsafe_redis=bool(parts.config.unsafe_redis))
    feed = Feed(parts.store, parts.batch, parts.tail)
    streams = Streams(parts.store, parts.batch, parts.tail)
    table: list[Route] = []
    docs = Docs(table)
    table += [
        Route("/jobs", jobs.create, methods=["POST"]),
        Route("/jobs", finding.list, methods=["GET"]),
        Route("/jobs/estimate", estimates.estimate, methods=["POST"]),
        Route("/jobs/stats", stats.stats, methods=["GET"]),
        Route("/jobs/cleanup", stats.cleanup, methods=["POST"]),
        Route("/jobs/{id}", jobs.read, methods=["GET"]),
        Route("/jobs/{id}", jobs.put, methods=["PUT"]),
        Route("/jobs/{id}", control.delete, methods=["DELETE"]),
        Route("/jobs/{id}/result", jobs.result, methods=["GET"]),
        Route("/jobs/{id}/calls", estimates.calls, methods=["GET"]),
        Route("/jobs/{id}/events", streams.job, methods=["GET"]),
        Route("/jobs/{id}/cancel", control.cancel, methods=["POST"]),
        Route("/jobs/{id}/seen", finding.seen, methods=["POST"]),
        Route("/jobs/{id}/retry", control.retry, methods=["POST"]),
        Route("/events", feed.all, methods=["GET"]),
        Route("/job-types", job_types, methods=["GET"]),
        Route("/budgets", budgets.list, methods=["GET"]),
        Route("/budgets/{scope}/{id:path}", budgets.read, methods=["GET"]),
        Route("/budgets/{scope}/{id:path}", budgets.put, methods=["PUT"]),
        Route("/budgets/{scope}/{id:path}", budgets.delete, methods=["DELETE"]),
        Route("/usage", usage.report, methods=["GET"]),
        Route("/worlds", worlds.list, methods=["GET"]),
        Route("/worlds/{id}", worlds.read, methods=["GET"]),
        Route("/healthz", readiness.healthz, methods=["GET"]),
        Route("/readyz", readiness.readyz, methods=["GET"]),
        Route("/web/{path:path}", Assets().file, methods=["GET"]),
        Route("/", Page().page, methods=["GET"]),
        Route("/docs", docs.docs, methods=["GET"]),
        Route("/openapi.json", docs.openapi, methods=["GET"]),
        Route("/problems/{code}", docs.problem, methods=["GET"]),
    ]
    return table
