"""The command `onrecord`: a module for each kind of verb.

Exit codes: 0 all went well, 1 something was refused or does not hold (each thing is told), 2 the
command line itself is wrong, 3 the store cannot be used now.
"""

from app.cli.command import main

__all__ = ["main"]
