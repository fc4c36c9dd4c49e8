"""The objects that handlers depend on, one set per process."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from starlette.concurrency import run_in_threadpool

from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.auth.api_keys import ApiKeyCheck
from loresmith.api.auth.authenticator import CredentialCheck
from loresmith.api.auth.identity_provider import IdentityProvider
from loresmith.api.auth.job_tokens import JobTokenCheck, JobTokenStore
from loresmith.api.auth.oidc import OidcCheck, TokenVerifier
from loresmith.api.auth.oidc_login import OidcLoginFlow
from loresmith.api.auth.session_check import SessionCheck
from loresmith.api.auth.sessions import SessionStore
from loresmith.api.background.enqueuer import Enqueuer, JobNotifier
from loresmith.api.background.maintenance import MaintenanceThread
from loresmith.api.events.broadcaster import EventBroadcaster
from loresmith.api.services.health_checks import LoreServiceProbe
from loresmith.api.services.run_statistics import RunStatistics
from loresmith.archive import Archive, open_archive
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store.pipeline import PipelineBatcher, connect
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.protos.connection import LoreServiceConnection


@dataclass(frozen=True)
class Dependencies:
    """The parts of an api that tests replace."""

    settings: Settings
    pipeline: PipelineBatcher
    statistics: RunStatistics
    notifier: JobNotifier
    archive: Archive
    lore: LoreServiceProbe
    broadcaster: EventBroadcaster
    maintenance: MaintenanceThread | None = None
    """None: other processes reconcile jobs."""

    @cached_property
    def api_key_store(self) -> ApiKeyStore:
        return ApiKeyStore(self.pipeline)

    @cached_property
    def api_keys(self) -> ApiKeyCheck:
        """Authenticates API keys; follows their changes."""
        check = ApiKeyCheck(self.api_key_store)
        self.broadcaster.on_key_change = check.forget
        return check

    @cached_property
    def identity_provider(self) -> IdentityProvider | None:
        """None unless LORESMITH_OIDC_ISSUER names one."""
        issuer = self.settings.oidc_issuer
        return IdentityProvider(issuer) if issuer else None

    @cached_property
    def session_store(self) -> SessionStore:
        return SessionStore(self.pipeline, self.settings.session_s)

    @cached_property
    def job_token_store(self) -> JobTokenStore:
        return JobTokenStore(self.pipeline)

    @cached_property
    def sessions(self) -> SessionCheck:
        return SessionCheck(self.session_store, self.api_keys, self.settings.oidc_issuer)

    @cached_property
    def oidc_login(self) -> OidcLoginFlow | None:
        """None unless LORESMITH_OIDC_CLIENT_ID names the page's client at the provider."""
        if not self.identity_provider or not self.settings.oidc_client_id:
            return None
        verifier = TokenVerifier(self.identity_provider)
        return OidcLoginFlow(self.identity_provider, verifier, self.settings)

    @property
    def credential_checks(self) -> list[CredentialCheck]:
        """One for each kind of credential."""
        job_tokens = JobTokenCheck(self.job_token_store, self.api_keys)
        checks: list[CredentialCheck] = [self.api_keys, job_tokens]
        if self.identity_provider:
            verifier = TokenVerifier(self.identity_provider)
            checks.append(OidcCheck(self.settings, verifier))
        return checks

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Creates them all; each connects on first use. Raises SettingsError, ArchiveError."""
        guard = PrimaryGuard.of(settings)
        pipeline = PipelineBatcher(
            connect(settings.redis_url, guard), guard=guard, ack_replicas=settings.ack_replicas
        )
        archive = open_archive(settings.database_url, create=False)
        return cls(
            settings=settings,
            pipeline=pipeline,
            statistics=RunStatistics(pipeline),
            notifier=Enqueuer(pipeline, settings.rq_queue),
            archive=archive,
            lore=LoreServiceProbe(
                LoreServiceConnection(
                    settings.lore_service_address,
                    settings.lore_service_token,
                    settings.client_tls(),
                )
            ),
            broadcaster=EventBroadcaster(connect(settings.redis_url, guard)),
            maintenance=MaintenanceThread.of(settings, archive, guard),
        )

    def start(self) -> None:
        """Starts the background work."""
        self.broadcaster.start()
        if self.maintenance:
            self.maintenance.start()

    async def close(self) -> None:
        """Enqueues what is noted, stops the background work, and closes all connections."""
        await self.broadcaster.close()
        await self.notifier.flush()
        if self.maintenance:
            await run_in_threadpool(self.maintenance.stop)
        await self.pipeline.close()
        if self.identity_provider:
            await self.identity_provider.close()
        await self.lore.close()
        self.archive.close()
