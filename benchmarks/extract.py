"""How well statements are proposed: `python -m benchmarks.extract --gum FOLDER`.

FOLDER is a checkout of GUM (https://github.com/amir-zeldes/gum): texts of Wikinews CC BY 2.5,
annotations CC BY 4.0. A proposal counts when the words of its content meet those of an annotated
attribution with a Jaccard index of at least 0.5, each with one at most (best pairs first). Marks do
not count as words. The rules were tuned on TUNED; the table is of the others, unless --tuned.
"""

import argparse
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.extract import LEAST, Proposal, extract
from benchmarks import annotated, gum
from benchmarks.gum import THOUGHT, Article, Gold, Span

TUNED = (
    "afghan",
    "asylum",
    "clock",
    "defector",
    "expo",
    "hackers",
    "ie9",
    "iodine",
    "lanterns",
    "questionnaire",
    "soccer",
    "taxes",
    "warming",
)
_WORD = re.compile(r"\w+(?:['’.,-]\w+)*")


class Words:
    """The words of a text by place, so that spans can be compared."""

    def __init__(self, text: str) -> None:
        self.places = [match.span() for match in _WORD.finditer(text)]

    def within(self, spans: Sequence[Span]) -> frozenset[int]:
        return frozenset(
            start for start, end in self.places if any(start < b and end > a for a, b in spans)
        )


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    both = len(one | other)
    return len(one & other) / both if both else 0.0


class Count:
    def __init__(self) -> None:
        self.right = self.proposed = self.gold = 0

    def row(self) -> str:
        precision = self.right / self.proposed if self.proposed else 0.0
        recall = self.right / self.gold if self.gold else 0.0
        total = self.proposed + self.gold
        f1 = 2 * self.right / total if total else 0.0
        return (
            f"{100 * precision:5.1f} {100 * recall:5.1f} {100 * f1:5.1f}   "
            f"{self.right}/{self.proposed} proposed, {self.gold} annotated"
        )


ROWS = ("all attributions", "statements proper", "right speaker", "direct quotes", "exact spans")


def pairs(gold: list[frozenset[int]], proposed: list[frozenset[int]]) -> list[tuple[int, int]]:
    """Which gold goes with which proposal, one to one, best first."""
    scores = sorted(
        (
            (jaccard(a, b), i, j)
            for i, a in enumerate(gold)
            for j, b in enumerate(proposed)
            if a & b
        ),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    left, right, found = set(), set(), []
    for score, i, j in scores:
        if score >= 0.5 and i not in left and j not in right:
            left.add(i)
            right.add(j)
            found.append((i, j))
    return found


def spans_of(one: Proposal) -> list[Span]:
    return [(span.start, span.end) for span in one.content]


def speaker_right(words: Words, gold: Gold, one: Proposal) -> bool:
    due = words.within(gold.speaker)
    given = words.within([(m.span.start, m.span.end) for m in one.speakers])
    if not due or not given:
        return not due and not given
    return jaccard(due, given) >= 0.5 or due <= given or given <= due


def compare(
    article: Article, proposed: list[Proposal], counts: dict[str, Count], show: bool
) -> None:
    words = Words(article.text)
    proposed = [one for one in proposed if one.content]
    gold_words = [words.within(gold.content) for gold in article.gold]
    given = [words.within(spans_of(one)) for one in proposed]
    found = pairs(gold_words, given)
    matched = dict(found)
    by_proposal = {j: i for i, j in found}
    thought = [one.mode == "thought" or one.lemma in THOUGHT for one in proposed]
    counts["all attributions"].gold += len(article.gold)
    counts["all attributions"].proposed += len(proposed)
    counts["all attributions"].right += len(found)
    counts["exact spans"].gold += len(article.gold)
    counts["exact spans"].proposed += len(proposed)
    counts["exact spans"].right += sum(gold_words[i] == given[j] for i, j in found)
    proper = [gold.statement for gold in article.gold]
    ours = [
        not thought[j] or (j in by_proposal and proper[by_proposal[j]])
        for j in range(len(proposed))
    ]
    ours = [
        value and not (j in by_proposal and not proper[by_proposal[j]])
        for j, value in enumerate(ours)
    ]
    for name in ("statements proper", "right speaker"):
        counts[name].gold += sum(proper)
        counts[name].proposed += sum(ours)
    hits = [(i, j) for i, j in found if proper[i]]
    counts["statements proper"].right += len(hits)
    counts["right speaker"].right += sum(
        speaker_right(words, article.gold[i], proposed[j]) for i, j in hits
    )
    direct = [
        one.quotation_type == "direct"
        and (j not in by_proposal or article.gold[by_proposal[j]].direct)
        for j, one in enumerate(proposed)
    ]
    counts["direct quotes"].gold += sum(gold.direct for gold in article.gold)
    counts["direct quotes"].proposed += sum(direct)
    counts["direct quotes"].right += sum(article.gold[i].direct for i, _ in found)
    if show:
        _show(article, proposed, matched, by_proposal, words, gold_words, given)


def _show(
    article: Article,
    proposed: list[Proposal],
    matched: dict[int, int],
    by_proposal: dict[int, int],
    words: Words,
    gold_words: list[frozenset[int]],
    given: list[frozenset[int]],
) -> None:
    print(f"\n=== {article.name}")
    text = article.text
    for i, gold in enumerate(article.gold):
        quoted = " [...] ".join(text[a:b] for a, b in gold.content)
        said = ", ".join(text[a:b] for a, b in gold.speaker)
        if i not in matched:
            print(f"  MISSED   {said} | {gold.cue} | {quoted}")
            continue
        one = proposed[matched[i]]
        if gold_words[i] != given[matched[i]]:
            ours = " [...] ".join(text[a:b] for a, b in spans_of(one))
            print(f"  SPAN     {gold.cue} | due: {quoted}\n           {one.rule} | got: {ours}")
        if not speaker_right(words, gold, one):
            print(
                f"  SPEAKER  {one.rule} due {said!r} got {[m.span.of(text) for m in one.speakers]}"
            )
    for j, one in enumerate(proposed):
        if j not in by_proposal:
            ours = " [...] ".join(text[a:b] for a, b in spans_of(one))
            said = ", ".join(m.span.of(text) for m in one.speakers)
            print(f"  EXTRA    {one.rule} {said} | {one.lemma} | {ours}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gum", type=Path, help="a checkout of GUM")
    parser.add_argument(
        "--record",
        type=Path,
        nargs=2,
        metavar=("NDJSON", "TEXT"),
        help="the attributions of an interchange file, and the text that they are anchored in",
    )
    parser.add_argument("--tuned", action="store_true", help="the articles that were tuned on")
    parser.add_argument(
        "--own", metavar="NAME", help="benchmarks/annotated/NAME.txt, and not GUM's annotations"
    )
    parser.add_argument("--pipeline", help="a spaCy pipeline to read with")
    parser.add_argument(
        "--least-confidence", type=float, default=LEAST, help="0: what is unsure too"
    )
    parser.add_argument("--show", action="store_true", help="print what differs")
    options = parser.parse_args()
    if options.record:
        chosen = [annotated.of_record(*options.record)]
    elif options.gum is None:
        parser.error("give --gum or --record")
    elif options.own:
        texts = {one.name: one.text for one in gum.articles(options.gum)}
        chosen = list(annotated.read(options.own, texts))
    else:
        every = gum.articles(options.gum)
        chosen = [one for one in every if (one.name in TUNED) is options.tuned]

    def run(text: str) -> list[Proposal]:
        least = options.least_confidence
        return extract(text, "en", pipeline=options.pipeline, least_confidence=least)

    report(chosen, run, show=options.show)


def report(
    chosen: list[Article], run: Callable[[str], list[Proposal]], *, show: bool = False
) -> None:
    counts = {name: Count() for name in ROWS}
    run("Warm up, he said.")
    seconds, number = 0.0, 0
    for article in chosen:
        begun = time.process_time()
        proposed = run(article.text)
        seconds += time.process_time() - begun
        number += len(article.text.split())
        compare(article, proposed, counts, show)
    print(f"\n{len(chosen)} articles, {number:,} words: {' '.join(one.name for one in chosen)}")
    print(f"{'':20}precision recall F1")
    for name in ROWS:
        print(f"{name:20}{counts[name].row()}")
    print(f"{'seconds/1,000 words':20}{1000 * seconds / number:.4f}")


if __name__ == "__main__":
    main()
