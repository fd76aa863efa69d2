"""The same record for the others: its lines flattened for sqlite-utils and Datasette, and its rows
for the textbook service."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

COLUMNS = {
    "topic": "id kind pref_labels broader",
    "actor": "id kind name memberships",
    "source": "id kind title url publisher published_at lang derived_from",
    "statement": "id content lang speech_act polarity said_at topics about relations content_from",
    "attribution": "id statement source quotation_type quoted_text lang cue speakers via parent "
    "status factuality figures",
}
"""What a line of each type has, once it is flat: the same columns in every line."""
SEARCHED = {"statement": "content", "attribution": "quoted_text"}


def flatten(file: Path, folder: Path) -> dict[str, Path]:
    """Split an interchange file into flat ones, one for each type of record."""
    paths = {type: folder / f"{type}.flat.ndjson" for type in COLUMNS}
    columns = {type: names.split() for type, names in COLUMNS.items()}
    outs = {type: path.open("wb") for type, path in paths.items()}
    with file.open("rb") as lines:
        for line in lines:
            record = orjson.loads(line)
            type = record["type"]
            row = {name: _plain(record.get(name)) for name in columns[type]}
            outs[type].write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    for out in outs.values():
        out.close()
    return paths


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def insert(program: Path, paths: dict[str, Path], database: Path) -> None:
    """What people would do: `sqlite-utils insert`, then `enable-fts` on what is searched."""
    for type, path in paths.items():
        _run(program, "insert", database, type, path, "--nl", "--pk", "id")
    for table, column in SEARCHED.items():
        _run(program, "enable-fts", database, table, column)


def copy(driver: Any, paths: dict[str, Path]) -> None:
    """The same on PostgreSQL: `COPY`, and an index of text search on what is searched."""
    for type, path in paths.items():
        names = COLUMNS[type].split()
        columns = ", ".join(f"{name} text" for name in names)
        driver.execute(f"CREATE TABLE {type} ({columns}, PRIMARY KEY (id))")
        with driver.cursor() as cursor, cursor.copy(f"COPY {type} FROM STDIN") as into:
            for line in path.open("rb"):
                into.write_row(list(orjson.loads(line).values()))
    for table, column in SEARCHED.items():
        words = f"to_tsvector('simple', coalesce({column}, ''))"
        driver.execute(
            f"ALTER TABLE {table} ADD words tsvector GENERATED ALWAYS AS ({words}) STORED"
        )
        driver.execute(f"CREATE INDEX ON {table} USING gin (words)")
    driver.commit()


def index(program: Path, database: Path) -> None:
    """What the pages that are compared need, so that Datasette is not measured without it."""
    _run(program, "create-index", database, "statement", "said_at")
    _run(program, "create-index", database, "attribution", "statement")
    _run(program, "analyze", database)


def _run(program: Path, *arguments: object) -> None:
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


# --- the textbook service -----------------------------------------------------------------------


def create_textbook(url: str) -> None:
    """The tables of `benchmarks/textbook.py`; of another process, since its models are not ours."""
    code = "from benchmarks import textbook as t; t.SQLModel.metadata.create_all(t.engine)"
    environment = {**os.environ, "TEXTBOOK_URL": url}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def fill_textbook(file: Path, database: Path) -> None:
    """The record in the tables of `benchmarks/textbook.py`."""
    create_textbook(f"sqlite:///{database}")
    keys: dict[tuple[str, str], int] = {}
    with sqlite3.connect(database) as store, file.open("rb") as lines:
        store.execute("PRAGMA synchronous = OFF")
        for line in lines:
            for table, row in _rows(orjson.loads(line), keys):
                places = ", ".join("?" * len(row))
                store.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values())
                )
        store.commit()
        store.execute("ANALYZE")


def _rows(
    record: dict[str, Any], keys: dict[tuple[str, str], int]
) -> Iterator[tuple[str, dict[str, Any]]]:
    type = record["type"]
    key = keys[type, record["id"]] = len(keys) + 1
    names = "kind name label title url published_at content lang speech_act polarity said_at "
    names += "quotation_type quoted_text cue status factuality"
    own = {"key": key, "id": record["id"]}
    own |= {name: record[name] for name in names.split() if name in record and name in _HAS[type]}
    match type:
        case "topic":
            yield "topic", own | {"label": record["pref_labels"]["en"]}
        case "source":
            yield "source", own | {"publisher_key": keys["actor", record["publisher"]]}
        case "statement":
            yield "statement", own
            for topic in record["topics"]:
                yield "statementtopic", {"statement_key": key, "topic_key": keys["topic", topic]}
        case "attribution":
            links = {name: keys[name, record[name]] for name in ("statement", "source")}
            yield "attribution", own | {f"{name}_key": link for name, link in links.items()}
            for speaker in record["speakers"]:
                actor = speaker.get("actor")
                yield (
                    "speaker",
                    {
                        "attribution_key": key,
                        "actor_key": actor and keys["actor", actor],
                        "attribution_text": speaker["attribution_text"],
                        "status": speaker["status"],
                    },
                )
            for figure in record.get("figures", ()):
                shown = {name: figure[name] for name in ("measure", "as_worded", "qualifier")}
                yield "figure", {"attribution_key": key, **shown, "best": figure["best"]}
        case _:
            yield type, own


_HAS = {
    "topic": "id kind label",
    "actor": "id kind name",
    "source": "id kind title url published_at lang",
    "statement": "id content lang speech_act polarity said_at",
    "attribution": "id quotation_type quoted_text lang cue status factuality",
}
