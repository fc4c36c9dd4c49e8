"""Makes the providers of the settings."""

import os
from collections.abc import Mapping

from loresmith.lore_service.providers.api_keys import api_key
from loresmith.lore_service.providers.background_responses import BackgroundResponsesProvider
from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.chat_completions import ChatCompletionsProvider
from loresmith.lore_service.settings import LoreServiceSettings

APIS: dict[str, type[Provider]] = {
    "chat": ChatCompletionsProvider,
    "responses": BackgroundResponsesProvider,
}


def make_providers(
    config: LoreServiceSettings, environ: Mapping[str, str] = os.environ
) -> dict[str, Provider]:
    """Makes all providers, by name. Raises SettingsError: a key or a certificate is missing."""
    timeouts = config.read_timeout_s, config.connect_timeout_s
    return {
        provider.name: APIS[provider.api](provider, api_key(provider, config, environ), *timeouts)
        for provider in config.providers
    }
