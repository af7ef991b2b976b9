"""What tests of commands share."""

from tests.commands.stored import data

__all__ = ["data"]
