"""The plots of the model card, as SVG written by hand from metrics.json.

No plotting library: the files are small, are the same wherever they are made, and need nothing to
be installed. Each has its own white background, so that it is legible on a dark page too; the
colours are told apart by colour-blind readers (Okabe & Ito), and no two series differ in colour
alone.
"""

from collections.abc import Iterable, Sequence
from html import escape

FOLDER = "plots"
BLUE, ORANGE, GREEN, INK, PALE = "#0072B2", "#D55E00", "#009E73", "#333333", "#DDDDDD"
WIDTH, HEIGHT = 520, 380
LEFT, RIGHT, TOP, BOTTOM = 62, 18, 40, 52  # margins in pixels

Point = tuple[float, float]


class Chart:
    """Axes in data units, and marks in the order in which they are drawn."""

    def __init__(
        self,
        title: str,
        x: tuple[str, float, float],
        y: tuple[str, float, float],
        height: int = HEIGHT,
        left: int = LEFT,
    ) -> None:
        """`x`, `y`: name, least and greatest value of each axis."""
        self.title, self.height, self.left = title, height, left
        (self.x_name, *self.x_range), (self.y_name, *self.y_range) = x, y
        self.parts: list[str] = []
        self.legend_rows = 0

    def x(self, value: float) -> float:
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * (WIDTH - self.left - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return self.height - BOTTOM - (value - low) / (high - low) * (self.height - TOP - BOTTOM)

    def _path(self, points: Iterable[Point]) -> str:
        return "M" + "L".join(f"{self.x(a):.1f} {self.y(b):.1f}" for a, b in points)

    def line(self, points: Iterable[Point], colour: str, dash: str = "", width: float = 2) -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="{self._path(points)}" fill="none" stroke="{colour}" '
            f'stroke-width="{width:g}"{dashed}/>'
        )

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float]) -> None:
        outline = [*zip(xs, high, strict=True), *reversed(list(zip(xs, low, strict=True)))]
        self.parts.append(f'<path d="{self._path(outline)}Z" fill="{BLUE}" fill-opacity="0.18"/>')

    def dot(self, x: float, y: float, colour: str, radius: float = 4, hollow: bool = False) -> None:
        fill = "#FFFFFF" if hollow else colour
        self.parts.append(
            f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="{radius:.1f}" fill="{fill}" '
            f'stroke="{colour}" stroke-width="1.5"/>'
        )

    def square(self, x: float, y: float, colour: str, radius: float = 4) -> None:
        self.parts.append(
            f'<rect x="{self.x(x) - radius:.1f}" y="{self.y(y) - radius:.1f}" '
            f'width="{2 * radius:.1f}" height="{2 * radius:.1f}" fill="{colour}" '
            f'fill-opacity="0.75"/>'
        )

    def bar(self, y: float, end: float, colour: str) -> None:
        """A horizontal bar from 0 to `end`, 9 pixels thick."""
        a, b = sorted((self.x(0), self.x(end)))
        self.parts.append(
            f'<rect x="{a:.1f}" y="{self.y(y) - 4.5:.1f}" width="{b - a:.1f}" height="9" '
            f'fill="{colour}"/>'
        )

    def text(self, x: float, y: float, content: str, anchor: str = "start", size: int = 12) -> None:
        """At pixels, not data units."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
            f"{escape(content, quote=False)}</text>"
        )

    def legend(self, content: str, colour: str, dash: str = "", right: bool = True) -> None:
        """The next row of the legend, in the lower right or the upper left corner."""
        column = WIDTH - RIGHT - 232 if right else self.left + 10
        row = self.height - BOTTOM - 14 - 18 * self.legend_rows
        row = row if right else TOP + 16 + 18 * self.legend_rows
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="M{column} {row}h24" stroke="{colour}" stroke-width="3"{dashed}/>'
        )
        self.text(column + 30, row + 4, content)
        self.legend_rows += 1

    def grid(self, xs: Sequence[float], ys: Sequence[float], form: str = "{:.0%}") -> None:
        """Rules and labels at these values; drawn first."""
        for value in xs:
            self.line([(value, self.y_range[0]), (value, self.y_range[1])], PALE, width=1)
            self.text(self.x(value), self.height - BOTTOM + 18, form.format(value), "middle")
        for value in ys:
            self.line([(self.x_range[0], value), (self.x_range[1], value)], PALE, width=1)
            self.text(self.left - 8, self.y(value) + 4, form.format(value), "end")

    def svg(self) -> str:
        middle = (self.left + WIDTH - RIGHT) / 2
        self.text(middle, 22, self.title, "middle", 14)
        self.text(middle, self.height - 12, self.x_name, "middle")
        side = f'transform="rotate(-90)" x="{-(TOP + self.height - BOTTOM) / 2:.1f}" y="16"'
        name = f'<text {side} text-anchor="middle" font-size="12">{escape(self.y_name)}</text>'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
                f'width="{WIDTH}" height="{self.height}" role="img" '
                f'font-family="system-ui, sans-serif" fill="{INK}">',
                f"<title>{escape(self.title)}</title>",
                f'<rect width="{WIDTH}" height="{self.height}" fill="#FFFFFF"/>',
                *self.parts,
                name,
                "</svg>\n",
            ]
        )


FIFTHS = (0, 0.2, 0.4, 0.6, 0.8, 1.0)
UPPER = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def reliability(results: dict) -> str:
    """Accuracy against confidence in 15 bins; the area of a mark goes with its share of images."""
    calibration = results["calibration"]
    chart = Chart(
        "Reliability, out of fold", ("confidence", 0.5, 1), ("accuracy of the images", 0, 1)
    )
    chart.grid(UPPER, FIFTHS)
    chart.line([(0.5, 0.5), (1, 1)], INK, "4 4", 1)
    styles = (("before", ORANGE, "6 3"), ("after", BLUE, ""))
    for name, colour, dash in styles:
        rows = [row for row in calibration["reliability"][name] if row["share"]]
        chart.line([(row["confidence"], row["accuracy"]) for row in rows], colour, dash, 1.2)
        for row in rows:
            size = 1.5 + 16 * row["share"] ** 0.5
            if name == "before":
                chart.dot(row["confidence"], row["accuracy"], colour, size, hollow=True)
            else:
                chart.square(row["confidence"], row["accuracy"], colour, 0.8 * size)
    after = f"scaled, ECE {calibration['after']['ece']:.3f}"
    if calibration["temperature"] == 1:
        after += ", not applied"
    chart.legend(after, BLUE)
    chart.legend(f"as trained, ECE {calibration['before']['ece']:.3f}", ORANGE, "6 3")
    return chart.svg()


def coverage(results: dict) -> str:
    """Accuracy of what is not called uncertain against how much that is."""
    rows = results["calibration"]["coverage_curve"]
    chart = Chart(
        "Coverage and accuracy, out of fold",
        ("share of images that get a verdict", 0, 1),
        ("accuracy of those", 0.4, 1),
    )
    chart.grid(FIFTHS, (0.4, *UPPER))
    goal = results["calibration"]["abstention"]["goal"]
    chart.line([(0, goal), (1, goal)], INK, "4 4", 1)
    # The least confident few images of a curve are too few to be told anything by.
    shown = [row for row in rows if row["coverage"] >= 0.02]
    chart.line([(row["coverage"], row["accuracy"]) for row in shown], BLUE)
    chart.line([(r["patient_coverage"], r["patient_accuracy"]) for r in shown], ORANGE, "7 3")
    chart.legend("patients weigh the same", ORANGE, "7 3")
    chart.legend("images weigh the same", BLUE)
    chosen = results["calibration"]["abstention"]["at_threshold"]
    chart.dot(chosen["coverage"], chosen["accuracy"], BLUE, 5)
    chart.dot(chosen["patient_coverage"], chosen["patient_accuracy"], ORANGE, 5, hollow=True)
    threshold = results["calibration"]["uncertain_below"]
    chart.text(LEFT + 8, TOP + 14, f"dots: threshold {threshold:g}, cross-fitted")
    chart.text(chart.x(1) - 4, chart.y(goal) - 5, f"{goal:.0%}", "end")
    return chart.svg()


def roc(results: dict) -> str:
    """Mean over seeds and 95 % band over draws of patients."""
    curve, area = results["roc"], results["scores"]["int8"]["auc"]
    chart = Chart(
        "ROC by image, out of fold, int8",
        ("benign images called malignant", 0, 1),
        ("malignant images found", 0, 1),
    )
    chart.grid(FIFTHS, FIFTHS)
    chart.line([(0, 0), (1, 1)], INK, "4 4", 1)
    xs = curve["false_positive_rate"]
    chart.band(xs, curve["low"], curve["high"])
    chart.line(zip(xs, curve["true_positive_rate"], strict=True), BLUE)
    chart.legend(f"AUC {area['mean']:.3f} and 95 % band", BLUE)
    return chart.svg()


def learning_curve(results: dict) -> str:
    """Scores against the number of training patients, and what the fitted power law foresees."""
    curve = results["learning_curve"]
    points = curve["points"]
    fits = curve["fits"]
    last = max(
        [p["patients"] for p in points] + [f["training_patients"] for f in fits.values() if f]
    )
    top = 10 * (last // 10 + 1)
    chart = Chart(
        "Learning curve of the linear head", ("training patients", 0, top), ("score", 0.5, 1)
    )
    chart.grid([], UPPER, "{:.1f}")
    chart.grid(range(0, top + 1, 10), [], "{:d}")
    # Moved a little aside, so that the spreads of both can be seen.
    for name, title, colour, dash, aside in (
        ("patient_score", "patient score", ORANGE, "7 3", 0.3),
        ("auc", "AUC by image", BLUE, "", -0.3),
    ):
        chart.line([(p["patients"] + aside, p[name]) for p in points], colour, dash)
        for p in points:
            x, spread = p["patients"] + aside, p[f"{name}_sd"]
            chart.line([(x, p[name] + side * spread) for side in (-1, 1)], colour, width=1)
            chart.dot(x, p[name], colour, 3.5, hollow=bool(dash))
        if fit := fits[name]:
            first = points[0]["patients"]
            steps = [first + i * (fit["training_patients"] - first) / 40 for i in range(41)]
            law = [(n, 1 - fit["a"] * n ** -fit["b"]) for n in steps]
            chart.line(law, colour, "1 4", 1.5)
        chart.legend(title, colour, dash, right=False)
    chart.legend("power law, a rough guess", INK, "1 4", right=False)
    return chart.svg()


def robustness(results: dict) -> str:
    """Change of the AUC by each perturbation, with its 95 % interval over patients."""
    rows = [row for row in results["robustness"]["rows"] if row["kind"] != "plain"]
    ends = [row["auc_change_interval"] or [row["auc_change"]] * 2 for row in rows]
    low = min(-0.1, *(end[0] for end in ends))
    high = max(0.05, *(end[1] for end in ends))
    low, high = (round(side * 20 + (0.5 if side > 0 else -0.5)) / 20 for side in (low, high))
    chart = Chart(
        "Change of the AUC by image, out of fold, int8",
        ("change of the AUC", low, high),
        ("", -len(rows), 0),
        height=TOP + BOTTOM + 17 * len(rows),
        left=150,
    )
    ticks = [t / 10 for t in range(-9, 10) if low <= t / 10 <= high]
    chart.grid(ticks, [], "{:+.1f}")
    chart.line([(0, -len(rows)), (0, 0)], INK, width=1)
    for place, (row, end) in enumerate(zip(rows, ends, strict=True)):
        middle = -place - 0.5
        chart.bar(middle, row["auc_change"], ORANGE if row["auc_change"] < 0 else BLUE)
        chart.line([(end[0], middle), (end[1], middle)], INK, width=1.2)
        name = f"{row['kind']} {row['setting']}".strip()
        chart.text(142, chart.y(middle) + 4, name, "end", 11)
    return chart.svg()


# File, what is drawn, and the part of metrics.json without which it cannot be. Results that have a
# ROC have the tables of confidence too; the first layout of metrics.json had neither.
PLOTS = (
    ("roc.svg", roc, "roc"),
    ("reliability.svg", reliability, "roc"),
    ("coverage.svg", coverage, "roc"),
    ("robustness.svg", robustness, "robustness"),
    ("learning-curve.svg", learning_curve, "learning_curve"),
)


def draw(results: dict) -> dict[str, str]:
    """File name -> SVG, of every plot for which metrics.json has the figures."""
    return {name: plot(results) for name, plot, part in PLOTS if results.get(part)}
