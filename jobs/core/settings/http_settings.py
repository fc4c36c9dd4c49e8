"""Settings of the api's HTTP: who may call it from where, and the routes below /v1."""

from pydantic import BaseModel

from loresmith.jobs.core.settings.row import setting


class HttpSettings(BaseModel):
    """The rows of hosts, origins and proxies, and LORESMITH_V1_*."""

    hosts: str = setting(
        "LORESMITH_HOSTS",
        "",
        "host names that a --public api accepts, beside loopback names and IP addresses",
    )
    cors_origins: str = setting(
        "LORESMITH_CORS_ORIGINS",
        "",
        "origins whose web pages may call the api, for example `https://app.example`",
    )
    trusted_proxies: str = setting(
        "LORESMITH_TRUSTED_PROXIES",
        "",
        "reverse proxies, by address or network, whose X-Forwarded headers count; see docs/http.md",
    )
    root_path: str = setting(
        "LORESMITH_ROOT_PATH",
        "",
        "path under which a reverse proxy offers the api, for example `/lore`",
        pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$",
    )
    v1_max_output_tokens: int = setting(
        "LORESMITH_V1_MAX_OUTPUT_TOKENS",
        16_384,
        "maximum output tokens of a request below /v1 that names none; it bounds the price",
        gt=0,
    )
    v1_wait_s: float = setting(
        "LORESMITH_V1_WAIT_S",
        1_800.0,
        "seconds that a request below /v1 waits for the end of its job, which goes on after them",
        gt=0,
    )
