"""What the members of a shape mean: the text that stands under each of them in the source.

pydantic can read these too (`use_attribute_docstrings`), but does where a class is made, also in a
start that uses none (docs/adr/0011-starting.md).
"""

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise

from pydantic import BaseModel


def tell(model: type[BaseModel]) -> None:
    """Give every member that has no description yet the text under it as one."""
    for name, member in model.model_fields.items():
        if member.description is None:
            home = next(
                one for one in model.__mro__ if name in vars(one).get("__annotations__", ())
            )
            member.description = _texts(home.__module__).get((home.__name__, name))


@cache
def _texts(module: str) -> dict[tuple[str, str], str]:
    """The texts in a module, by class and member."""
    return {
        (one.name, member.target.id): inspect.cleandoc(below.value.value)
        for one in ast.parse(inspect.getsource(sys.modules[module])).body
        if isinstance(one, ast.ClassDef)
        for member, below in pairwise(one.body)
        if isinstance(member, ast.AnnAssign)
        and isinstance(member.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
