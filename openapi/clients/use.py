"""A client that is made of nothing but what was generated: run by `make clients`."""

import sys

from onrecord_client import Client
from onrecord_client.api.actors import get_actor
from onrecord_client.api.statements import list_statements
from onrecord_client.models import ActorAnswer, Problem, StatementPage

client = Client(base_url=sys.argv[1])
page = list_statements.sync(client=client, speaker=["vladimir-putin"])
assert isinstance(page, StatementPage), page
actor = get_actor.sync("vladimir-putin", client=client)
assert isinstance(actor, ActorAnswer), actor
assert page.items
for one in page.items:
    print(one.said_at, actor.name, one.content)
refused = list_statements.sync(client=client, speaker=["nobody-of-that-name"])
assert isinstance(refused, Problem), refused
