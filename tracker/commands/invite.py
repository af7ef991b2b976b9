"""`tracker invite FOLDER`: links with which crews, marshals and organisers sign in; who has one, and taking it back."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import segno

from tracker.access import SESSIONS_PER_INVITATION, TOKEN_BYTES, digest
from tracker.clock import SystemClock
from tracker.commands.options import add_settings
from tracker.errors import SettingsError
from tracker.homes import open_journal
from tracker.journal.access import Access, GuestRole, Invitation
from tracker.settings import Settings
from tracker.tourfiles import load_tour_folder

DAYS = 30  # the tour, and the weeks around it
DAY_MS = 86_400_000
MAX_NAME = 60


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("invite", help="make a link with which a crew, marshal or organiser signs in")
    parser.add_argument("folder", type=Path, help="the tour's folder")
    parser.add_argument("--role", choices=[role.value for role in GuestRole], help="what the person may see")
    parser.add_argument("--name", help="whose link it is; the log of who looked names them so")
    parser.add_argument("--days", type=int, default=DAYS, help=f"how long it is good for [{DAYS}]")
    parser.add_argument("--list", action="store_true", help="everybody who was invited")
    parser.add_argument("--log", action="store_true", help="who signed in, looked and acted: the last 100 lines")
    parser.add_argument("--revoke", type=int, metavar="ID", help="end an invitation and whatever was opened with it")
    add_settings(parser, "data", "database", "public_url", "host", "port")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    settings = Settings.read(os.environ, vars(args))
    slug = load_tour_folder(args.folder).slug
    asyncio.run(act(args, settings, slug))
    return 0


async def act(args: argparse.Namespace, settings: Settings, slug: str) -> None:
    """Do what the arguments say and print the outcome. Raises SettingsError for what makes no sense."""
    journal = await open_journal(settings)
    try:
        if args.revoke is not None:
            await revoke(journal.access, slug, args.revoke)
        elif args.list:
            for line in table(await journal.access.invitations(slug)):
                print(line)
        elif args.log:
            for noted in reversed(await journal.access.noted(slug)):
                print(f"{moment(noted.at_ms, 'seconds')}  {noted.who}  {noted.what}")
        else:
            token = await invite(journal.access, slug, args.role, args.name, args.days)
            url = settings.public_url or f"http://{settings.host}:{settings.port}"
            print_link(f"{url.rstrip('/')}/join/{token}", sys.stdout)
    finally:
        await journal.close()


def print_link(link: str, to: TextIO) -> None:
    """The link; for who reads it on a screen a code to scan below it."""
    print(link, file=to)
    if to.isatty():
        segno.make_qr(link).terminal(out=to, compact=True)


async def invite(access: Access, slug: str, role: str | None, name: str | None, days: int) -> str:
    """Store an invitation and return its token, which is not kept anywhere."""
    name = " ".join((name or "").split())
    if role is None or not name:
        raise SettingsError('an invitation needs a role and a name: --role marshal --name "Ann Miller"')
    if len(name) > MAX_NAME or not name.isprintable():
        raise SettingsError(f"--name is at most {MAX_NAME} printable characters")
    if not 1 <= days <= 366:
        raise SettingsError(f"--days lies between 1 and 366, not {days}")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now_ms = SystemClock().now_ms()
    number = await access.invite(slug, GuestRole(role), name, digest(token), now_ms, now_ms + days * DAY_MS)
    await access.note(slug, now_ms, "tracker invite", f"invited {name} ({role}, invitation {number})")
    return token


async def revoke(access: Access, slug: str, number: int) -> None:
    now_ms = SystemClock().now_ms()
    if not await access.revoke(slug, number, now_ms):
        raise SettingsError(f"there is no invitation {number} in force; --list shows what there is")
    await access.note(slug, now_ms, "tracker invite", f"revoked invitation {number}")
    print(f"invitation {number} is revoked; its pages are signed out within 5 s")


def table(invitations: list[Invitation]) -> list[str]:
    """One line per invitation under a line of titles."""
    now_ms = SystemClock().now_ms()
    rows = [("ID", "ROLE", "NAME", "DEVICES", "ENDS", "STATE")]
    for each in invitations:
        state = "revoked" if each.revoked_at_ms is not None else "over" if each.ends_at_ms <= now_ms else "in force"
        rows.append(
            (
                str(each.id),
                each.role,
                each.name,
                f"{each.sessions}/{SESSIONS_PER_INVITATION}",
                moment(each.ends_at_ms, "minutes"),
                state,
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def moment(at_ms: int, to: str) -> str:
    """An ISO 8601 time in UTC, to the minute or second."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat(timespec=to).replace("+00:00", "Z")
