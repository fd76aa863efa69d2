"""A record of any size from a seed, with the long tails of a real one.

The shapes were read off 100,000 statements of press briefings and 309 of a general debate: four
speakers say seven statements in ten and hundreds say the rest; a source has 3 statements (median)
to 136 (one in a hundred); 9 to 1,000 characters, 200 in the middle; the commonest word is one in
twenty and most words are rare. What those two lack is added: one to seven reports a statement, in
each outlet's own words; days, months, years, stretches and unknown dates; five languages in three
scripts; figures, nesting, denials, offices, narrower topics.
"""

import random
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, TypeVar

import orjson

COMMON = {
    "en": "the to and of that in is we for on with have this will are not they from what has "
    "ceasefire corridor convoy mediation talks border shelling residential prisoners exchange "
    "statement ministry president agreement peace front casualties military civilians killed "
    "wounded displaced observers mission resolution territory withdrawal humanitarian bridge road "
    "hospital airport village town district parliament government foreign defence minister",
    "ru": "в и на что не с по это как но атака переговоры перемирие колонна мост граница военные "
    "мирные жители заявил министр соглашение гуманитарный коридор больница дорога",
    "az": "və bu ilə bir üçün atəşkəs danışıqlar karvan körpü sərhəd hərbi mülki sakinlər nazir "
    "bildirib sülh şəhər kənd yol xəstəxana",
    "hy": "և է որ մեջ համար հրադադար բանակցություններ շարասյուն կամուրջ սահման ռազմական խաղաղ "
    "բնակիչներ նախարար համաձայնագիր գյուղ ճանապարհ",
    "tr": "ve bu bir için ile ateşkes görüşmeler konvoy köprü sınır askeri sivil bakan açıkladı",
}
SYLLABLES = {
    "en": "ba ter con sta lin mor de re tion al ver ing com per sul tan gra ble",
    "ru": "ка ро ста но ве ли пра тор ми на го ле во за ре ние",
    "az": "qa lar çı mə şə bə yi dır xa nə tə sü lük",
    "hy": "կա րա ման նե տու ան թյուն պե րի գո սա լի",
    "tr": "la ma dı kü yor şa lık ben çe ri türk",
}
LANGS, SHARES = list(COMMON), [60, 15, 12, 8, 5]
RARE = 8_000
"""Words of a language besides the common ones."""
FIRST_NAMES = "Ilham Nikol Vladimir Hikmet Armen Leyla Anna Samvel Elmar Zohrab Arayik Jeyhun"
LAST_NAMES = "Aliyev Pashinyan Hajiyev Sargsyan Mammadov Hakobyan Petrosyan Huseynov Ivanov"
FIRST, LAST = FIRST_NAMES.split(), LAST_NAMES.split()
ACTS = ["assertion", "accusation", "denial", "demand", "announcement", "concern", "threat"]
ORGANIZATIONS = 40
OUTLETS = 200

T = TypeVar("T")


def tail(values: list[T], steepness: float = 1.0) -> Callable[[random.Random, int], list[T]]:
    """Draws from values of which the first are by far the commonest (Zipf and Mandelbrot)."""
    weights = list(accumulate(1 / (rank + 2.7) ** steepness for rank in range(len(values))))
    return lambda chance, count: chance.choices(values, cum_weights=weights, k=count)


def lines(size: int, seed: int = 1, actors: int | None = None) -> Iterator[bytes]:
    """An interchange file with `size` statements, line by line; the same from the same seed."""
    world = _World(random.Random(seed), size, actors)
    yield from world.topics()
    yield from world.actors()
    yield from world.statements(size)


def _line(type: str, id: str, **members: Any) -> bytes:
    return orjson.dumps({"type": type, "id": id, **members}, option=orjson.OPT_APPEND_NEWLINE)


class _World:
    def __init__(self, chance: random.Random, size: int, people: int | None) -> None:
        self.chance = chance
        self.words = {lang: tail(self._vocabulary(lang)) for lang in LANGS}
        self.langs = list(accumulate(SHARES))
        self.people = [f"p{number}" for number in range(people or max(50, size // 300))]
        self.topic_ids = [f"t{number}" for number in range(max(20, min(2_000, size // 500)))]
        self.outlets = [f"m{number}" for number in range(OUTLETS)]
        self.person = tail(self.people, 1.3)
        self.topic = tail(self.topic_ids, 1.1)
        self.outlet = tail(self.outlets)
        self.last = ("", "")
        """The source and the attribution that came last."""
        self.themes = {
            topic: [self.words[lang](chance, 12) for lang in LANGS] for topic in self.topic_ids
        }

    def _vocabulary(self, lang: str) -> list[str]:
        parts = SYLLABLES[lang].split()
        rare = {
            "".join(self.chance.choices(parts, k=self.chance.randint(2, 4))) for _ in range(RARE)
        }
        return [*COMMON[lang].split(), *sorted(rare, key=lambda word: (len(word), word))]

    def topics(self) -> Iterator[bytes]:
        chance = self.chance
        for number, id in enumerate(self.topic_ids):
            kind = chance.choice(["theme", "theme", "place", "event"])
            lang = chance.choices(LANGS, cum_weights=self.langs)[0]
            word = self.words[lang](chance, 1)[0]
            # A tree of a few levels: one in three topics is narrower than an earlier one.
            above = [self.topic_ids[chance.randrange(number)]] if number > 9 else []
            broader = above if chance.random() < 0.35 else []
            labels = {
                "en": f"{COMMON['en'].split()[number % 60]} {number}",
                lang: f"{word} {number}",
            }
            yield _line("topic", id, kind=kind, pref_labels=labels, broader=broader)

    def actors(self) -> Iterator[bytes]:
        chance = self.chance
        for number in range(ORGANIZATIONS):
            above = [{"organization": f"o{number % 8}"}] if number >= 8 else []
            kind = "state" if number < 8 else "government"
            yield _line("actor", f"o{number}", kind=kind, name=f"Body {number}", memberships=above)
        for number, id in enumerate(self.outlets):
            yield _line("actor", id, kind="media", name=f"Outlet {number}")
        organization = tail([f"o{number}" for number in range(ORGANIZATIONS)], 0.7)
        for number, id in enumerate(self.people):
            name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}"
            terms = []
            for one in organization(chance, chance.choice([0, 1, 1, 2])):
                start = chance.randint(1990, 2018)
                term = {"organization": one, "role": "Minister", "start_date": f"{start}"}
                terms.append(term | ({"end_date": f"{start + 5}"} if chance.random() < 0.6 else {}))
            yield _line("actor", id, kind="person", name=name, memberships=terms)

    def statements(self, size: int) -> Iterator[bytes]:
        """Statements in the order of the sources that first report them."""
        chance, made, number = self.chance, 0, 0
        recent = [self._source_id(0)]
        yield self._source(0)
        while made < size:
            number += 1
            yield self._source(number)
            source = self._source_id(number)
            for _ in range(min(int(chance.paretovariate(0.75)), 150, size - made)):
                yield from self._statement(made, source, recent)
                made += 1
            recent = [*recent[-200:], source]

    def _source_id(self, number: int) -> str:
        return f"s{number}"

    def _source(self, number: int) -> bytes:
        chance = self.chance
        day = self._day()
        derived = {"derived_from": [f"s{number - 1}"]} if number > 1 and number % 9 == 0 else {}
        members = {"title": f"Report {number}", "publisher": self.outlet(chance, 1)[0]}
        if chance.random() < 0.9:
            members["published_at"] = day
        return _line(
            "source",
            self._source_id(number),
            kind="article",
            lang=LANGS[number % 5],
            url=f"https://news.example/{number}",
            **members,
            **derived,
        )

    def _day(self) -> str:
        chance = self.chance
        return f"{chance.randint(1992, 2024)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"

    def _said(self) -> dict[str, str]:
        """When it was said: most often a day, often unknown, sometimes vague."""
        luck, day = self.chance.random(), self._day()
        if luck < 0.25:
            return {}
        if luck < 0.85:
            return {"said_at": day}
        return {"said_at": self.chance.choice([day[:7], day[:4], f"{day[:7]}~", f"{day}/..", day])}

    def _statement(self, number: int, source: str, recent: list[str]) -> Iterator[bytes]:
        chance = self.chance
        place = chance.choices(range(5), cum_weights=self.langs)[0]
        lang = LANGS[place]
        words = self.words[lang](chance, min(150, max(2, int(chance.lognormvariate(3.3, 0.8)))))
        topics = list(dict.fromkeys(self.topic(chance, chance.choice([0, 1, 1, 1, 2, 3]))))
        for topic in topics:  # a topic has words of its own, so that two of them meet
            words[1:1] = chance.sample(self.themes[topic][place], 2)
        more: dict[str, Any] = self._said()
        if chance.random() < 0.2:
            more["about"] = [f"o{chance.randrange(ORGANIZATIONS)}"]
        if number > 9 and chance.random() < 0.04:
            other = f"st{number - chance.randint(1, 9)}"
            kind = chance.choice(["denies", "responds_to", "confirms"])
            more["relations"] = [{"type": kind, "statement": other}]
        if chance.random() < 0.03:
            more["polarity"] = "negated"
        yield _line(
            "statement",
            f"st{number}",
            content=" ".join(words),
            lang=lang,
            topics=topics,
            content_from=f"a{number}.0",
            speech_act=chance.choice(ACTS),
            **more,
        )
        speaker = self.person(chance, 1)[0]
        for report in range(min(7, int(chance.paretovariate(1.6)))):
            where = source if report == 0 else chance.choice(recent)
            yield self._report(number, report, where, speaker, words, lang)

    def _report(
        self, number: int, report: int, source: str, speaker: str, words: list[str], lang: str
    ) -> bytes:
        chance, luck = self.chance, self.chance.random()
        mention: dict[str, Any] = {"attribution_text": "the minister", "status": "role_only"}
        if luck < 0.7:
            mention = {"actor": speaker, "attribution_text": speaker, "status": "named"}
            if luck < 0.1:
                mention["on_behalf_of"] = f"o{chance.randrange(ORGANIZATIONS)}"
        elif luck < 0.78:
            mention = {"attribution_text": "a diplomat", "status": "anonymous"}
        more: dict[str, Any] = {}
        if chance.random() < 0.2:
            more["figures"] = [self._figure() for _ in range(chance.choice([1, 1, 2]))]
        if chance.random() < 0.1:
            via = {"actor": self.outlet(chance, 1)[0], "kind": "agency"}
            more["via"] = [via]
        if chance.random() < 0.02:
            more["factuality"] = chance.choice(["not_said", "hypothetical"])
        if report == 0:
            if self.last[0] == source and chance.random() < 0.08:
                more["parent"] = self.last[1]  # somebody says that somebody said
            self.last = (source, f"a{number}.0")
        return _line(
            "attribution",
            f"a{number}.{report}",
            statement=f"st{number}",
            source=source,
            quotation_type=chance.choice(["direct", "direct", "indirect", "mixed"]),
            quoted_text=" ".join(words if report == 0 else words[: len(words) * 2 // 3 + 1]),
            lang=lang,
            cue="said",
            speakers=[] if luck > 0.93 else [mention],
            status=chance.choice(["draft", "draft", "draft", "reviewed", "disputed"]),
            **more,
        )

    def _figure(self) -> dict[str, Any]:
        chance = self.chance
        number = int(chance.paretovariate(0.4)) % 10_000
        figure: dict[str, Any] = {
            "measure": chance.choice(["killed", "killed", "wounded", "displaced", "captured"]),
            "as_worded": f"{number}",
            "qualifier": "exactly",
            "best": number,
        }
        if chance.random() < 0.5:
            figure["population"] = chance.choice(["civilian", "military"])
        if chance.random() < 0.5:
            figure["parties"] = [f"o{chance.randrange(8)}"]
        return figure
