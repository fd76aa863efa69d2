"""What a number in reported words counts: people killed, tanks destroyed, or nothing of ours."""

from app.extract import lexicon
from app.extract.tokens import Item

MEASURES: dict[str, str] = {}
for _counted_as, _names in (
    (
        "killed",
        "killed kill killing kills dead died die dies deaths death fatalities fatality lives"
        " slain perished martyred",
    ),
    ("wounded", "wounded injured wounding injuring hurt injuries wounds"),
    ("casualties", "casualties losses casualty victims"),
    ("captured", "captured captives prisoners detained arrested hostages captive"),
    ("missing", "missing unaccounted"),
    ("displaced", "displaced fled evacuated refugees flee homeless fleeing"),
    ("destroyed", "destroyed destroying destroy sunk sank"),
    ("deployed", "deployed deploy deploying troops stationed peacekeepers"),
):
    MEASURES |= dict.fromkeys(_names.split(), _counted_as)
POPULATIONS: dict[str, str] = {}
for _population, _names in (
    ("civilian", "civilians civilian villagers residents"),
    ("military", "soldiers soldier troops servicemen fighters military personnel combatants"),
    ("police", "police policemen officers"),
    ("child", "children child"),
    ("prisoner", "prisoners captives"),
    ("mercenary", "mercenaries"),
):
    POPULATIONS |= dict.fromkeys(_names.split(), _population)
STOPS = frozenset((".", ";", "!", "?"))
FAR = 14
"""Words on either side of a number in which its measure must stand."""

_FORCES = frozenset(("troops", "peacekeepers"))
"""Counted as deployed only where nothing else is said to have become of them."""
_OF_THINGS = frozenset(("destroyed", "captured", "deployed"))
_PERSONS = lexicon.words(
    "people persons others civilians men women relatives members officials patients employees"
    " workers journalists reporters medics volunteers reservists conscripts guards pilots"
    " inhabitants locals citizens students passengers boys girls families more forces rebels"
    " militants crew"
)
_QUALIFYING = lexicon.words("at over about around to up")
_PRISONERS = lexicon.words("captives prisoners detained arrested hostages captive")
_THINGS = lexicon.words(
    "vehicle tank helicopter plane jet drone aircraft car house building post position missile"
    " mine rocket shell mines rockets shells drones tanks missiles"
)
_BREAKS = lexicon.words("but while whereas although")


def measure(words: list[Item], at: int, stop: int, is_number: list[bool]) -> str | None:
    """What the number from `at` to `stop` counts: told by the nearest word after it, else before.

    A thing (villages, rockets) is neither killed nor wounded; `is_number` says where numbers are.
    """
    thing = _thing(words, stop)
    forces = None
    for index in range(at - 1, max(-1, at - 4), -1):
        word = words[index].lower
        apart = lexicon.CONJUNCTIONS | lexicon.PREPOSITIONS - _QUALIFYING
        if not word[0].isalpha() or word in apart:
            break
        found = MEASURES.get(word)  # `killed at least 70`
        if found and word not in _FORCES and (not thing or found in _OF_THINGS):
            return _of_both(words, index, found)
    for index in range(stop, min(len(words), stop + FAR)):
        word = words[index].lower
        found = MEASURES.get(word)
        if word == "victims" and words[stop].lower == "of":
            return None  # `three of the victims`
        if word in _FORCES:
            forces = forces if True in is_number[stop:index] else found
        elif found and (not thing or (found in _OF_THINGS and word not in _PRISONERS)):
            found = _of_both(words, index, found)
            return None if thing and index > stop + 6 else found
        if (
            word in STOPS
            or word in _BREAKS
            or (word == "and" and not _more(words, index, is_number))
        ):
            break
        another = index > stop + 1 and words[stop].lower != "of"  # `12 of the 30`
        if is_number[index] and another and not _listed(words, index):
            break
    verb = stop + 1 if stop < len(words) and _is_people(words[stop].lower) else stop
    subject = verb < len(words) and words[verb].lower in lexicon.AUXILIARIES
    reach = 0 if subject else 4 if thing else FAR  # `… died as hundreds were there`
    for index in range(at - 1, max(-1, at - reach), -1):
        found = MEASURES.get(words[index].lower)
        lost = found in ("destroyed", "captured")
        if found and words[index].lower not in _FORCES and (not thing or lost):
            return found
        if words[index].text in STOPS:
            break
    return None if thing else forces


def _of_both(words: list[Item], at: int, found: str) -> str:
    """`Killed or wounded` are casualties."""
    for first, joined, second in ((at, at + 1, at + 2), (at - 2, at - 1, at)):
        if first < 0 or second >= len(words) or words[joined].lower not in ("or", "and"):
            continue
        both = {MEASURES.get(words[place].lower) for place in (first, second)}
        if both == {"killed", "wounded"}:
            return "casualties"
    return found


def _more(words: list[Item], index: int, is_number: list[bool]) -> bool:
    """Whether another number follows `and`, of which the same is told."""
    for at in range(index + 1, min(len(words), index + 4)):
        if is_number[at]:
            return True
        if words[at].lower in MEASURES:
            return False
    return False


def _listed(words: list[Item], index: int) -> bool:
    """Whether a number is a part of the one before, or beside it: `including 10`, `(five`."""
    return any(word.lower in ("including", "(", "and") for word in words[index - 2 : index])


def _is_people(word: str) -> bool:
    return word in POPULATIONS or word in _PERSONS or word in lexicon.PEOPLE


def _thing(words: list[Item], stop: int) -> bool:
    """Whether what is counted are things: told by the first plural in lower case."""
    for index in range(stop, min(len(words), stop + 5)):
        word = words[index]
        lower = word.lower
        carried = index + 1 < len(words) and words[index + 1].lower.startswith("carrier")
        if lower in _THINGS or carried:
            return True
        if lower in MEASURES or _is_people(lower):
            return False
        if "-" in lower or (lower == "and" and "-" in words[index - 1].lower):
            continue  # `anti-tank and anti-personnel mines`
        if not lower[0].isalpha() or lower in lexicon.AUXILIARIES or lower in lexicon.CONJUNCTIONS:
            return False
        if lower in lexicon.PREPOSITIONS and lower != "of":
            return False
        plural = lower.endswith("s") and not lower.endswith(("ss", "'s"))
        if plural and lower not in lexicon.DETERMINERS and word.text[0].islower():
            return lower[:-1] not in lexicon.PEOPLE
    return False


def counted(words: list[Item], stop: int) -> tuple[int, str | None]:
    """Past the word for who is counted, where one says more than people."""
    for index in range(stop, min(len(words), stop + 3)):
        word = words[index].lower
        if word in POPULATIONS:
            return index + 1, POPULATIONS[word]
        if word in ("people", "have", "has", "were", "was", "had", "are", "and"):
            break
        if not word[0].isalpha():
            break
    return stop, None
