"""JSON: the canonical form, put together from texts that are ready; nothing is parsed."""

from collections.abc import Mapping, Sequence

import orjson


def page(texts: Sequence[str], urls: Mapping[str, str], count: int | None) -> bytes:
    """A page: `items`, the URLs of its neighbours by their relation, and `count` where known."""
    tail = "".join(f',"{relation}":{orjson.dumps(url).decode()}' for relation, url in urls.items())
    if count is not None:
        tail += f',"count":{count}'
    return f'{{"items":[{",".join(texts)}]{tail}}}'.encode()
