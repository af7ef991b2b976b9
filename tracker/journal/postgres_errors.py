"""Trouble with PostgreSQL in our words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tracker.errors import SettingsError, StoreError, StoreUnavailable


@asynccontextmanager
async def explained() -> AsyncIterator[None]:
    """Trouble with the database in our words: for now, or for good."""
    try:
        yield
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise StoreError(f"the database does not let us in: {error}") from error
    except asyncpg.InvalidCatalogNameError as error:
        raise StoreError(f"{error}; create it first") from error
    except asyncpg.ClientConfigurationError as error:
        raise SettingsError(f"--database: {error}; write postgresql://user:password@host/name") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"the database cannot be used for now: {type(error).__name__} {error}") from error
