"""The table of results: printed as it is made, and written to a file."""

import statistics
from pathlib import Path

HEADER = "| what: beside what | ours | theirs | ratio | goal |\n|---|---|---|---|---|"


class Table:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, name: str) -> None:
        self.lines += ["", f"## {name}", "", HEADER]
        print(f"\n{name}", flush=True)

    def about(self, text: str) -> None:
        self.lines[-1:-1] = [text, ""]

    def row(self, what: str, ours: str, theirs: str, ratio: str, goal: str) -> None:
        self.lines.append(f"| {what} | {ours} | {theirs} | {ratio} | {goal} |")
        print(f"  {what:75} {ours:>24} {theirs:>24} {ratio:>9}  {goal}", flush=True)

    def compare(self, what: str, ours: float, theirs: float, goal: float) -> None:
        """Rates: the more the better."""
        mine, others = f"{ours:,.0f} a second", f"{theirs:,.0f} a second"
        self.row(what, mine, others, f"{ours / theirs:.2f} ×", f"≥ {goal:g} ×")

    def times(self, what: str, ours: list[float], theirs: list[float], goal: float | None) -> None:
        """Times: the less the better; the ratio is of ours to theirs."""
        mine, others = statistics.median(ours), statistics.median(theirs)
        aim = f"≤ {goal:g} ×" if goal else ""
        told = f"{mine * 1000:,.1f} ms", f"{others * 1000:,.1f} ms"
        self.row(what, *told, f"{mine / others:.2f} ×", aim)

    def write(self, path: Path, about: str) -> None:
        text = "\n".join(["# What it costs", "", about, *self.lines, ""])
        path.write_text(text, encoding="utf-8")
