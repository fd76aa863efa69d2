"""The command `onrecord`: a module for each kind of verb.

Exit codes: 0 all went well, 1 something was refused or does not hold (each thing is told), 2 the
command line itself is wrong, 3 the store cannot be used now.
"""

from app.cli import backup, files, keys, ledger, propose, serve, tables
from app.cli.command import main
from app.cli.serve import BUNDLED, application

__all__ = [
    "BUNDLED",
    "application",
    "backup",
    "files",
    "keys",
    "ledger",
    "main",
    "propose",
    "serve",
    "tables",
]
