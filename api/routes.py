"""The URL table."""

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Match, Route
from starlette.types import Scope

from loresmith.api.auth.authenticator import Authenticator
from loresmith.api.dependencies import Dependencies
from loresmith.api.events.backlog import EventLog
from loresmith.api.handlers.audit import AuditHandlers
from loresmith.api.handlers.budgets import BudgetHandlers
from loresmith.api.handlers.cleanup import CleanupHandlers
from loresmith.api.handlers.docs import DocsHandlers
from loresmith.api.handlers.estimates import EstimateHandlers
from loresmith.api.handlers.events import EventHandlers
from loresmith.api.handlers.health import HealthHandlers
from loresmith.api.handlers.job_actions import JobActionHandlers
from loresmith.api.handlers.job_events import JobEventHandlers
from loresmith.api.handlers.job_list import JobListHandlers
from loresmith.api.handlers.job_token import JobTokenHandlers
from loresmith.api.handlers.job_types import list_job_types
from loresmith.api.handlers.jobs import JobHandlers
from loresmith.api.handlers.keys import KeyHandlers
from loresmith.api.handlers.limits import LimitHandlers
from loresmith.api.handlers.oidc_login import OidcLoginHandlers
from loresmith.api.handlers.prefer_wait import PreferWait
from loresmith.api.handlers.queue import QueueHandlers
from loresmith.api.handlers.session import SessionHandlers
from loresmith.api.handlers.stats import StatsHandlers
from loresmith.api.handlers.subscriptions import Subscriptions
from loresmith.api.handlers.usage import UsageHandlers
from loresmith.api.handlers.users import UserHandlers
from loresmith.api.handlers.worlds import WorldHandlers
from loresmith.api.http.connection_limits import StreamLimits
from loresmith.api.openai_compat.following import JobFollower
from loresmith.api.openai_compat.routes import openai_routes
from loresmith.api.services.admission import MemoryWatermark, QueueLimits
from loresmith.api.services.budgets import BudgetService
from loresmith.api.services.ended_jobs import EndedJobs
from loresmith.api.services.erasure import ErasureService
from loresmith.api.services.health_checks import HealthChecks
from loresmith.api.services.job_creation import JobCreation
from loresmith.api.services.job_store import JobStores
from loresmith.api.services.limits import LimitService
from loresmith.api.services.pricing import PricingService
from loresmith.api.services.queue_status import QueueService
from loresmith.api.services.response_cache import ResponseCache
from loresmith.api.services.workers import WorkerService
from loresmith.api.static.files import StaticFiles
from loresmith.api.static.index import IndexPage
from loresmith.jobs.costs.prices import Prices


class AnyText(Convertor[str]):
    """The rest of a path, with slashes and line breaks."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("any", AnyText())


class OnlyRoute(Route):
    """The only route of its path, which a later route with a parameter would match too."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return Match.FULL if match is Match.PARTIAL else match, child_scope


def routes(parts: Dependencies, authenticator: Authenticator) -> list[Route]:
    """Returns all routes, in the order in which they are matched.

    Raises SettingsError: the prices or the providers cannot be read.
    """
    settings, pipeline = parts.settings, parts.pipeline
    queue_limits = QueueLimits(settings.queue_max, settings.queue_max_per_user)
    stores = JobStores(
        pipeline, parts.statistics, settings.requeue_after_s, settings.rq_queue, queue_limits
    )
    memory = MemoryWatermark(pipeline, settings.memory_watermark)
    cache = ResponseCache(pipeline, settings.providers.default_model)
    pricing = PricingService(Prices.of(settings), parts.statistics, cache, settings)
    budget_service = BudgetService(pipeline, parts.archive)
    event_log = EventLog(pipeline)
    streams = StreamLimits(settings.max_streams, settings.max_streams_per_principal)
    prefer_wait = PreferWait(parts.broadcaster, streams)
    subscriptions = Subscriptions(parts.broadcaster, streams)
    checks = HealthChecks(
        pipeline,
        parts.lore,
        parts.broadcaster,
        parts.maintenance,
        queue=settings.rq_queue,
        unsafe_redis=bool(settings.unsafe_redis),
        ack_replicas=settings.ack_replicas,
    )

    ended_jobs = EndedJobs(parts.archive)
    creation = JobCreation(parts.notifier.notify, settings, pricing, memory)
    jobs = JobHandlers(stores, creation, settings, prefer_wait, event_log, ended_jobs)
    job_list = JobListHandlers(stores, settings.max_body_bytes)
    actions = JobActionHandlers(stores, parts.notifier, pricing, settings)
    job_events = JobEventHandlers(stores, event_log, subscriptions)
    estimates = EstimateHandlers(
        stores, pipeline, parts.statistics, pricing, budget_service, settings
    )
    stats = StatsHandlers(stores, pipeline)
    cleanup = CleanupHandlers(stores, settings.max_body_bytes)
    events = EventHandlers(stores, event_log, subscriptions)
    budgets = BudgetHandlers(budget_service, settings.max_body_bytes)
    limit_service = LimitService(pipeline, settings.rq_queue)
    limits = LimitHandlers(limit_service, settings.max_body_bytes)
    workers = WorkerService(pipeline, settings.rq_queue)
    queue_service = QueueService(
        pipeline, limit_service, workers,
        queue=settings.rq_queue, concurrency=settings.concurrency,
    )  # fmt: skip
    queue = QueueHandlers(queue_service, workers, settings.max_body_bytes)
    usage = UsageHandlers(pipeline, parts.archive)
    api_keys = KeyHandlers(parts.api_key_store, settings.max_body_bytes)
    job_tokens = JobTokenHandlers(stores, parts.job_token_store, settings.max_body_bytes)
    session = SessionHandlers(
        parts.session_store, authenticator, has_oidc=parts.oidc_login is not None
    )
    oidc_login = OidcLoginHandlers(parts.oidc_login, parts.session_store)
    audit = AuditHandlers(pipeline, parts.archive)
    worlds = WorldHandlers(parts.archive)
    users = UserHandlers(stores, ErasureService(pipeline, parts.archive))
    health = HealthHandlers(checks)
    openai = openai_routes(
        parts, stores, creation, JobFollower(parts.broadcaster, streams, event_log)
    )
    table: list[Route] = []
    docs = DocsHandlers(table)
    table += [
        Route("/jobs", jobs.create, methods=["POST"]),
        Route("/jobs", job_list.list, methods=["GET"]),
        OnlyRoute("/jobs/estimate", estimates.estimate, methods=["POST"]),
        OnlyRoute("/jobs/stats", stats.stats, methods=["GET"]),
        OnlyRoute("/jobs/cleanup", cleanup.cleanup, methods=["POST"]),
        Route("/jobs/{id}", jobs.read, methods=["GET"]),
        Route("/jobs/{id}", jobs.put, methods=["PUT"]),
        Route("/jobs/{id}", actions.delete, methods=["DELETE"]),
        Route("/jobs/{id}/result", jobs.result, methods=["GET"]),
        Route("/jobs/{id}/calls", estimates.calls, methods=["GET"]),
        Route("/jobs/{id}/events", job_events.follow, methods=["GET"]),
        Route("/jobs/{id}/token", job_tokens.create, methods=["POST"]),
        Route("/jobs/{id}/cancel", actions.cancel, methods=["POST"]),
        Route("/jobs/{id}/seen", job_list.seen, methods=["POST"]),
        Route("/jobs/{id}/retry", actions.retry, methods=["POST"]),
        Route("/events", events.follow, methods=["GET"]),
        Route("/job-types", list_job_types, methods=["GET"]),
        Route("/budgets", budgets.list, methods=["GET"]),
        Route("/budgets/{scope}/{id:any}", budgets.read, methods=["GET"]),
        Route("/budgets/{scope}/{id:any}", budgets.put, methods=["PUT"]),
        Route("/budgets/{scope}/{id:any}", budgets.delete, methods=["DELETE"]),
        Route("/limits", limits.list, methods=["GET"]),
        Route("/limits/pools/{pool:any}", limits.read_pool, methods=["GET"]),
        Route("/limits/pools/{pool:any}", limits.put_pool, methods=["PUT"]),
        Route("/limits/pools/{pool:any}", limits.delete_pool, methods=["DELETE"]),
        Route("/limits/owners/{scope}/{id:any}", limits.read_owner, methods=["GET"]),
        Route("/limits/owners/{scope}/{id:any}", limits.put_owner, methods=["PUT"]),
        Route("/limits/owners/{scope}/{id:any}", limits.delete_owner, methods=["DELETE"]),
        Route("/queue", queue.read, methods=["GET"]),
        Route("/queue/pause", queue.pause, methods=["POST"]),
        Route("/queue/resume", queue.resume, methods=["POST"]),
        Route("/workers", queue.workers, methods=["GET"]),
        Route("/workers/{name}/drain", queue.drain, methods=["POST"]),
        Route("/keys", api_keys.create, methods=["POST"]),
        Route("/keys", api_keys.list, methods=["GET"]),
        Route("/keys/{id}", api_keys.read, methods=["GET"]),
        Route("/keys/{id}", api_keys.revoke, methods=["DELETE"]),
        Route("/keys/{id}/revoke", api_keys.revoke, methods=["POST"]),
        Route("/keys/{id}/rotate", api_keys.rotate, methods=["POST"]),
        Route("/session", session.create, methods=["POST"]),
        Route("/session", session.read, methods=["GET"]),
        Route("/session", session.delete, methods=["DELETE"]),
        Route("/session/oidc", oidc_login.begin, methods=["GET"]),
        Route("/session/oidc/callback", oidc_login.callback, methods=["GET"]),
        Route("/usage", usage.report, methods=["GET"]),
        Route("/audit", audit.list, methods=["GET"]),
        Route("/audit/check", audit.check, methods=["GET"]),
        Route("/users/{id:any}/data", users.erase, methods=["DELETE"]),
        Route("/worlds", worlds.list, methods=["GET"]),
        Route("/worlds/{id}", worlds.read, methods=["GET"]),
        *openai,
        Route("/healthz", health.healthz, methods=["GET"]),
        Route("/readyz", health.readyz, methods=["GET"]),
        Route("/system", health.system, methods=["GET"]),
        Route("/static/{path:path}", StaticFiles().file, methods=["GET"]),
        Route("/", IndexPage().page, methods=["GET"]),
        Route("/docs", docs.docs, methods=["GET"]),
        Route("/openapi.json", docs.openapi, methods=["GET"]),
        Route("/problems/{code}", docs.problem, methods=["GET"]),
    ]
    return table
