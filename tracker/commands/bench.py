"""`tracker bench`: what things cost, measured beside the least that they could cost, in the same minute."""

from __future__ import annotations

import argparse
import importlib

KINDS = ("ingest", "journal", "restart", "fanout", "latency", "sos", "flush", "past")  # modules with an `add_parser`


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("bench", help="measure what things cost; without a kind, all of them")
    kinds = parser.add_subparsers(dest="kind", metavar="KIND")
    for kind in KINDS:
        importlib.import_module(f"tracker.bench.{kind}").add_parser(kinds)
    parser.set_defaults(run=lambda _args: run_all(parser))


def run_all(parser: argparse.ArgumentParser) -> int:
    """Every kind with its defaults; the highest exit code."""
    codes = []
    for kind in KINDS:
        args = parser.parse_args([kind])
        codes.append(int(args.run(args)))
    return max(codes)
