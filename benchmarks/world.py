"""A record of any size from a seed, with the long tails of a real one.

Speakers and topics follow a Zipf-like distribution, a statement has one to seven reports, one in
four gives no day, one in five a figure; words are drawn from a few hundred in five languages.
"""

import json
import random
from collections.abc import Iterator

VOCABULARY = """
ceasefire corridor convoy mediation talks border shelling residential prisoners exchange statement
ministry president agreement peace front casualties military civilians killed wounded displaced
observers mission resolution territory withdrawal humanitarian bridge road hospital airport village
town district parliament government foreign defence minister said denied accused confirmed rejected
welcomed called demanded insisted warned reported announced
атака переговоры перемирие колонна мост граница военные мирные жители заявил министр
atəşkəs danışıqlar karvan körpü sərhəd hərbi mülki sakinlər nazir bildirib
հրադադար բանակցություններ շարասյուն կամուրջ սահման ռազմական խաղաղ բնակիչներ նախարար
ateşkes görüşmeler konvoy köprü sınır askeri sivil bakan açıkladı
"""
FIRST_NAMES = "Ilham Nikol Vladimir Hikmet Armen Leyla Anna Samvel Elmar Zohrab Arayik Jeyhun"
LAST_NAMES = "Aliyev Pashinyan Hajiyev Sargsyan Mammadov Hakobyan Petrosyan Huseynov Ivanov Kaya"
WORDS, FIRST, LAST = VOCABULARY.split(), FIRST_NAMES.split(), LAST_NAMES.split()


def _day(chance: random.Random) -> str:
    return f"{chance.randint(1992, 2024)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def _rank(chance: random.Random, size: int) -> int:
    """A number below `size`; small ones are drawn far more often."""
    return min(int(chance.paretovariate(0.8)) - 1, size - 1)


def lines(size: int, seed: int = 1, actors: int | None = None) -> Iterator[bytes]:
    """An interchange file with `size` statements, line by line."""
    chance = random.Random(seed)
    people, topics = actors or max(50, size // 100), max(20, size // 1_000)
    sources = max(10, size // 12)

    def line(**members: object) -> bytes:
        return json.dumps(members, ensure_ascii=False).encode() + b"\n"

    for number in range(topics):
        broader = [f"t{chance.randrange(number)}"] if number and chance.random() < 0.5 else []
        label = f"{chance.choice(WORDS)} {number}"
        yield line(
            type="topic", id=f"t{number}", kind="theme", pref_labels={"en": label}, broader=broader
        )
    for number in range(20):
        yield line(type="actor", id=f"o{number}", kind="government", name=f"Government {number}")
    for number in range(people):
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {number}"
        member = {"organization": f"o{number % 20}", "start_date": f"{chance.randint(1990, 2015)}"}
        yield line(type="actor", id=f"p{number}", kind="person", name=name, memberships=[member])
    for number in range(sources):
        day = _day(chance)
        yield line(
            type="source",
            id=f"s{number}",
            kind="article",
            title=f"Article {number}",
            publisher=f"o{_rank(chance, 20)}",
            published_at=day,
            lang="en",
        )
    for number in range(size):
        words = " ".join(chance.choices(WORDS, k=chance.randint(12, 45)))
        said = {"said_at": _day(chance)}
        about = sorted({f"t{_rank(chance, topics)}" for _ in range(chance.randint(0, 3))})
        yield line(
            type="statement",
            id=f"st{number}",
            content=words,
            lang="en",
            topics=about,
            content_from=f"a{number}.0",
            speech_act=chance.choice(["assertion", "accusation", "denial"]),
            **(said if chance.random() < 0.75 else {}),
        )
        for report in range(min(7, int(chance.paretovariate(2)))):
            figure = {"measure": "killed", "as_worded": "12", "qualifier": "exactly", "best": 12}
            yield line(
                type="attribution",
                id=f"a{number}.{report}",
                statement=f"st{number}",
                source=f"s{chance.randrange(sources)}",
                quotation_type=chance.choice(["direct", "indirect"]),
                quoted_text=words,
                lang="en",
                cue="said",
                speakers=[
                    {
                        "actor": f"p{_rank(chance, people)}",
                        "attribution_text": "the minister",
                        "status": "named",
                    }
                ],
                figures=[figure] if chance.random() < 0.2 else [],
            )
