"""Tables of ten thousand rows, and widths beyond any machine, are counted exactly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests._cli import Answer, archcalc, rows

ROWS = 10_000
HUGE = 10**30


def document(rows: list[tuple[str, object]], block: str) -> str:
    lines = "\n".join(f"| {kind} | {width} |" for kind, width in rows)
    return (
        f"---\ninput: 8x8x3\n---\n\n```blocks\n{block}\n```\n\n| type | width |\n|------|-------|\n{lines}\n"
    )


def write(folder: Path, text: str) -> str:
    path = folder / "net.md"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("level", ["row", "branch", "layer"])
def test_ten_thousand_rows(level: str, tmp_path: Path) -> None:
    widths = [16 + number % 7 for number in range(ROWS)]
    path = write(
        tmp_path, document([("layer", width) for width in widths], "layer = conv 3x3 {width} -> relu")
    )
    started = time.process_time()
    lines = rows("table", path, "--level", level, "--total")
    assert time.process_time() - started < 30
    weights = [9 * entering * width for entering, width in zip([3, *widths], widths, strict=False)]
    total = lines.pop()
    assert len(lines) == (2 * ROWS if level == "layer" else ROWS)
    assert int(total["weights"]) == sum(weights)
    assert int(total["biases"]) == sum(widths)
    assert int(total["macs"]) == 64 * sum(weights)
    assert int(total["elementwise"]) == 64 * sum(widths)
    convolutions = lines[::2] if level == "layer" else lines
    assert [int(line["weights"]) for line in convolutions] == weights


def test_the_time_grows_with_the_rows_and_not_with_their_square(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        path = write(tmp_path, document([("layer", 8)] * count, "layer = conv 3x3 {width} -> relu"))
        started = time.process_time()
        assert archcalc("table", path, "--level", "layer").code == 0
        return time.process_time() - started

    seconds(100)  # what is imported and cached once
    assert seconds(4000) < 24 * seconds(500)  # 8 times as long, or 64 times if it were quadratic


def test_a_row_repeated_ten_thousand_times(tmp_path: Path) -> None:
    text = f"---\ninput: 8x8x3\n---\n\n| type | repeat |\n|---|---|\n| relu | {ROWS} |\n"
    (total,) = rows("table", write(tmp_path, text))
    assert int(total["elementwise"]) == ROWS * 8 * 8 * 3


def test_widths_of_ten_to_the_thirty_are_counted_exactly(tmp_path: Path) -> None:
    path = write(tmp_path, document([("layer", HUGE), ("layer", HUGE + 1)], "layer = conv 3x3 {width}"))
    first, second = rows("table", path)
    assert int(first["weights"]) == 27 * HUGE
    assert int(second["weights"]) == 9 * HUGE * (HUGE + 1)
    assert int(second["params"]) == 9 * HUGE * (HUGE + 1) + HUGE + 1
    assert int(second["macs"]) == 64 * 9 * HUGE * (HUGE + 1)
    shown = archcalc("table", path).out
    assert f"{9 * HUGE * (HUGE + 1):,}" in shown


@pytest.mark.parametrize("command", [("check",), ("table", "--check")], ids=["check", "table-check"])
def test_torch_refuses_widths_of_ten_to_the_thirty_by_name(command: tuple[str, ...], tmp_path: Path) -> None:
    path = write(tmp_path, document([("layer", HUGE)], "layer = conv 3x3 {width}"))
    answer = archcalc(command[0], path, *command[1:])
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(f"archcalc: torch cannot build 'layer.conv3x3' (conv 3x3 {HUGE}): ")
    assert answer.err.count("\n") == 1


def test_the_longest_numbers_still_print(tmp_path: Path) -> None:
    longest = "9" * 100
    path = write(
        tmp_path, document([("layer", longest)] * 3, "layer = conv 3x3 {width} -> flatten -> linear {in}")
    )
    fact = "'conv 3x3 {width}' in row 'layer' (line 12): 'conv' takes a feature map"
    assert archcalc("table", path).err.startswith(f"archcalc: net.md:6: {fact}")
    path = write(
        tmp_path, document([("layer", longest)], "layer = conv 3x3 {width} -> flatten -> linear {width}")
    )
    assert int(rows("table", path, "--input", f"{longest}x{longest}x{longest}")[0]["macs"]) == (
        9 * int(longest) ** 4 + int(longest) ** 4
    )
    assert archcalc("table", path, "--input", f"1{longest}x8x8").code == 2
    path = write(tmp_path, document([("layer", "1" + longest)], "layer = conv 3x3 {width}"))
    fact = f"expected a whole number of at most 100 digits, found '1{longest}'"
    assert archcalc("table", path) == Answer(
        3, "", f"archcalc: net.md:11, row 'layer', column 'width': {fact}\n"
    )
