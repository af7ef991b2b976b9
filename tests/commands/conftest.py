"""What tests of commands share."""

from tests.commands.stored import data
from tests.journal.conftest import postgres

__all__ = ["data", "postgres"]
