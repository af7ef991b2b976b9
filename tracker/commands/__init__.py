"""One module per `tracker` subcommand: `add_parser(subparsers)` and `run(args) -> exit code`."""
