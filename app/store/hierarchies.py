"""Walks through the record, to any depth: narrower topics, members of members, derived sources.

Each is a query for keys as they stood `at` a moment; None is now.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    Select,
    case,
    func,
    literal,
    select,
)

from app.models import IDENTITIES, actor, attribution, source, topic
from app.models.actor import ActorKind
from app.models.base import EARLIEST, LATEST, RecordType
from app.store.moment import At as At
from app.store.moment import Condition as Condition
from app.store.moment import alive as alive


def narrower(keys: list[Any], at: At) -> Select[int]:
    """These topics and all that are narrower, to any depth."""
    versions, broader = topic.VERSION, topic.BROADER
    walk = select(IDENTITIES[RecordType.topic].c.key.label("key")).where(
        IDENTITIES[RecordType.topic].c.key.in_(keys)
    )
    tree = walk.cte("narrower", recursive=True)
    step = (
        select(versions.c.key)
        .join(broader, broader.c.seq == versions.c.seq)
        .join(tree, tree.c.key == broader.c.broader)
        .where(alive(versions, at))
    )
    return select(tree.union(step).c.key)


def members(keys: list[Any], at: At) -> CTE:
    """These actors, their parts, and whoever holds an office in either, each with from when
    (`lower`) until when (`upper`): a part is a member that is no person."""
    identities, versions, dated = (
        IDENTITIES[RecordType.actor],
        actor.VERSION,
        actor.MEMBERSHIP,
    )
    start = select(
        identities.c.key.label("actor"),
        literal(EARLIEST).label("lower"),
        literal(LATEST).label("upper"),
        literal(0).label("person"),
    ).where(identities.c.key.in_(keys))
    tree = start.cte("members", recursive=True)
    since = func.coalesce(dated.c.lower, EARLIEST)
    until = func.coalesce(dated.c.upper, LATEST)
    step = (
        select(
            versions.c.key,
            case((since > tree.c.lower, since), else_=tree.c.lower),
            case((until < tree.c.upper, until), else_=tree.c.upper),
            case((versions.c.kind == ActorKind.person, 1), else_=0),
        )
        .join(dated, dated.c.seq == versions.c.seq)
        .join(tree, tree.c.actor == dated.c.organization)
        .where(
            alive(versions, at),
            tree.c.person == 0,
            since < tree.c.upper,
            until > tree.c.lower,
        )
    )
    return tree.union(step)


def carriers(keys: list[Any], at: At) -> Select[int]:
    """The sources that these actors published, and those that derive from them, to any depth."""
    versions, origins = source.VERSION, source.DERIVATION
    published = select(versions.c.key.label("key")).where(
        versions.c.publisher.in_(keys), alive(versions, at)
    )
    tree = published.cte("carriers", recursive=True)
    step = (
        select(versions.c.key)
        .join(origins, origins.c.seq == versions.c.seq)
        .join(tree, tree.c.key == origins.c.origin)
        .where(alive(versions, at))
    )
    return select(tree.union(step).c.key)


def inside(keys: list[Any], at: At) -> Select[int]:
    """The attributions that stand inside words of these actors, to any depth."""
    reports, speakers = attribution.VERSION, attribution.SPEAKER
    outer = reports.alias()
    first = (
        select(reports.c.key.label("key"))
        .join(outer, outer.c.key == reports.c.parent)
        .join(speakers, speakers.c.seq == outer.c.seq)
        .where(speakers.c.actor.in_(keys), alive(reports, at), alive(outer, at))
    )
    tree = first.cte("inside", recursive=True)
    step = (
        select(reports.c.key).join(tree, tree.c.key == reports.c.parent).where(alive(reports, at))
    )
    return select(tree.union(step).c.key)
