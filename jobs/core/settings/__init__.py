"""The settings that several processes share, from environment variables, .env and providers.toml.

Settings of one process are declared in its own package. Nothing here opens a connection.
"""

from loresmith.jobs.core.settings.checks import SettingsError as SettingsError
from loresmith.jobs.core.settings.checks import is_loopback as is_loopback
from loresmith.jobs.core.settings.row import setting as setting
from loresmith.jobs.core.settings.settings import Settings as Settings
