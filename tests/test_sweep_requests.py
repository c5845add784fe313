"""What a sweep is asked wrongly is told with its place, and nothing is run: the expressions are a language
of their own, and no Python.
"""

from __future__ import annotations

import pytest

from archcalc.errors import UsageError
from archcalc.recorded.recording import Recorder
from archcalc.sweep.expressions import parse
from tests._cli import archcalc

COLUMNS = {
    name: Recorder().variable(name, 1, 10**9)
    for name in ("macs", "params", "3a.#3x3", "3a.#3x3 reduce", "a-b")
}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("macs<0.5G", "(macs < 500000000)"),
        ("macs<=1e3", "(macs <= 1000)"),
        ("macs>2M", "(2000000 < macs)"),
        ("3a.#3x3 reduce<3a.#3x3", "(3a.#3x3 reduce < 3a.#3x3)"),
        ("macs-a-b<1", "((macs - a-b) < 1)"),
        ("1+2*macs<4", "((1 + (2 * macs)) < 4)"),
        ("(1+2)*macs<40", "((3 * macs) < 40)"),
        ("macs - 1 - 1 < 4", "((-2 + macs) < 4)"),
        ("macs<9 or macs>99 and params<2", "((macs < 9) or ((99 < macs) and (params < 2)))"),
        ("not macs<9 and params<2", "((params < 2) and (not (macs < 9)))"),
        ("not not macs<9", "(not (not (macs < 9)))"),
        ("-macs < -5", "((-1 * macs) < -5)"),
        ("macs / params / 2 < 1", "(((macs / params) / 2) < 1)"),
        ("1 / 4 * macs < .5", "((1/4 * macs) < 1/2)"),
    ],
)
def test_expressions(text: str, read: str) -> None:
    recorder = Recorder()
    columns = {name: recorder.variable(name, 1, 10**9) for name in COLUMNS}
    found = str(parse(text, columns))
    assert found in (
        read,
        read.replace("((params < 2) and (not (macs < 9)))", "((not (macs < 9)) and (params < 2))"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("macz<1", "--where 'macz<1', position 1: 'macz' is no column; did you mean 'macs'?"),
        ("macs<", "--where 'macs<', position 6: the end stands where a number or a column is expected"),
        ("", "--where '', position 1: the end stands where a number or a column is expected"),
        ("macs", "position 1: 'macs' is no condition: compare it with something, such as 'macs < 1.5G'"),
        ("macs=1", "position 5: '=' is no comparison; did you mean '=='?"),
        ("macs<1<2", "position 7: '<' is a second comparison; write 'a < b and b < c'"),
        ("(macs<1", "position 8: the end stands where a ')' is expected"),
        ("macs<1)", "position 7: ')' is not expected here"),
        ("macs<1 adn params<2", "position 8: 'adn' is not expected here; did you mean 'and'?"),
        ("macs and params<2", "'and' joins two conditions, such as 'macs < 1G and params < 7M'"),
        ("(macs<1)+2<3", "follows a '+' between what are no numbers"),
        ("(macs<1)<3", "follows a '<' between what are no numbers"),
        ("not macs", "follows a 'not' of what is no condition"),
        ("-(macs<1)", "follows a '-' before what is no number"),
        ("macs<1Q", "position 6: '1Q' is no column"),
        ("macs/0<1", "follows a division by 0"),
        ("macs<5 $", "position 8: '$' is not expected here"),
        (
            "__import__('os').system('x')<1",
            "position 1: '__import__' is no column; known: 3a.#3x3, 3a.#3x3 reduce, a-b",
        ),
        ("macs.real<1", "position 1: 'macs.real' is no column"),
        ("macs**9<1", "position 6: '*' stands where a number or a column is expected"),
        ("(" * 200 + "macs" + ")" * 200 + "<1", "stands more than 100 levels deep"),
        ("not " * 200 + "macs<1", "stands more than 100 levels deep"),
        ("macs<1 or " * 2000 + "macs<1", "the expression has more than 10,000 characters"),
        ("(" * 4000 + "macs" + ")" * 4000 + "<1", "stands more than 100 levels deep"),
        ("(" * 10000 + "macs" + ")" * 10000 + "<1", "the expression has more than 10,000 characters"),
        ("macs<" + "9" * 5000, "(5,000 characters)' is a number of more than 300 digits"),
        ("macs<0." + "9" * 5000, "is a number of more than 300 digits"),
        ("macs<1e400", "position 6: '1e400' is a number of more than 300 digits"),
        ("macs<1e-400", "position 6: '1e-400' is a number of more than 300 digits"),
        ("macs==1e299/3*1e299", "the end follows a number of more than 300 digits"),
        ("macs" + "*1e200" * 1000 + "<1", "follows a number of more than 300 digits"),
        ("macs<nan", "position 6: 'nan' is no column"),
        ("macs<inf", "position 6: 'inf' is no column"),
        ("", "position 1: the end stands where a number or a column is expected"),
    ],
)
def test_malformed_expressions(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, COLUMNS)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "a sweep varies something: --vary input=128:512:32"),
        ("--vary batch", "--vary is NAME=FIRST:LAST:STEP or NAME=A,B,C, not 'batch'"),
        ("--vary =1:2", "--vary is NAME=FIRST:LAST:STEP or NAME=A,B,C, not '=1:2'"),
        ("--vary batch=5:3", "--vary 'batch=5:3' is an empty range: it ends before it begins"),
        ("--vary batch=1:4:0", "--vary 'batch=1:4:0' has a step of 0"),
        ("--vary batch=1:2:3:4", "--vary 'batch=1:2:3:4' has 4 numbers; a range is FIRST:LAST:STEP"),
        ("--vary batch=", "--vary 'batch=' holds an empty value"),
        ("--vary batch=1,x", "--vary 'batch=1,x' holds 'x', which is no number"),
        ("--vary batch=1,2,1", "--vary 'batch=1,2,1' lists 1 twice"),
        ("--vary batch=1.5", "--vary 'batch' takes whole numbers"),
        ("--vary batch=0:4", "--vary 'batch' begins at 1"),
        ("--vary width=0,1", "--vary 'width' scales widths by a factor, which must be more than 0"),
        ("--vary batch=1 --vary batch=2", "--vary 'batch' varies what another --vary does"),
        ("--vary input=1:9 --vary input.width=1:9", "--vary 'input.width' varies what another --vary does"),
        ("--vary bach=1:4", "such as 3a.#3x3); did you mean 'batch'?"),
        ("--vary 3a.out=1:4", "--vary '3a.out' changes nothing: no layer depends on it"),
        ("--vary 3a.#3x3=1:1000000000000000", "1,000,000,000,000,000 points, more than 100,000,000,000"),
        ("--vary 3a.#3x3=1:100000000000000000000", "holds a number of more than 64 bits"),
        ("--vary batch=1:1" + "0" * 30, "holds a number of more than 64 bits"),
        ("--vary batch=1:4:-1", "--vary 'batch=1:4:-1' holds '-1', which is no number"),
        ("--vary batch=nan", "--vary 'batch=nan' holds 'nan', which is no number"),
        ("--vary batch=1:inf", "--vary 'batch=1:inf' holds 'inf', which is no number"),
        ("--vary batch=1e400", "holds '1e400', which is no number of at most 300 digits"),
        ("--vary batch=" + "9" * 5000, "(5,000 characters)', which is no number of at most 300 digits"),
        ("--vary width=1:2:0." + "0" * 5000 + "1", "which is no number of at most 300 digits"),
        ("--vary width=0.5:1:1e-299", "the sweep has about 10^298 points, more than 100,000,000,000"),
        ("--vary " + "batch" * 1000 + "=1", "(5,000 characters)' cannot be varied"),
        ("--vary batch=" + "1," * 40000 + "1", "lists 1 twice"),
        ("--vary batch=1:4 --by macs*1e400 --top 2", "'1e400' is a number of more than 300 digits"),
        ("--vary batch=1:4 --top 3", "--top N and --by COLUMN belong together"),
        ("--vary batch=1:4 --by macs", "--top N and --by COLUMN belong together"),
        ("--vary batch=1:4 --top 0 --by macs", "--top is 1 or more, not 0"),
        ("--vary batch=1:4 --sample 0", "--sample is 1 or more, not 0"),
        ("--vary batch=1:4 --seed -1", "--seed is 0 or more, not -1"),
        ("--vary batch=1:4 --pareto macs --solve batch", "--pareto, --top and --solve choose differently"),
        ("--vary batch=1:4 --pareto macs,", "--pareto '', position 1: the end stands where a number"),
        ("--vary batch=1:4 --pareto macs<1", "position 5: '<' compares, and a number is needed"),
        ("--vary batch=1:4 --solve batch", "--solve finds the largest value that fits: say into what"),
        ("--vary batch=1:4 --solve input --where macs<1", "--solve 'input' is not varied; known: batch"),
        ("--vary batch=1:4 --resume", "--resume goes on with what stands beside a file: name it"),
        ("--vary batch=1:4 --format xml", "no format is called 'xml'; known: csv, html, json"),
        ("--vary batch=1:4 -o x.xml", "'x.xml' ends like no format's files"),
        ("--vary batch=1:1000000 -o x.md", "1,000,000 points are more than a markdown file should hold"),
    ],
)  # fmt: skip
def test_malformed_requests(arguments: str, message: str) -> None:
    answer = archcalc("sweep", "googlenet", *arguments.split())
    assert message in answer.err
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err) < 1000


def test_a_constant_beyond_64_bits_beside_floats() -> None:
    every = ("sweep", "googlenet", "--vary", "batch=1:4", "-f", "csv")
    assert archcalc(*every, "--where", "macs/params*1e200<2e210") == archcalc(*every)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("googlenet --vary 3z.#3x3=1:4", "GoogLeNet: no row is called '3z'"),
        ("googlenet --vary 3a.#3x4=1:4", "row '3a' has no width in a column '#3x4'; did you mean '#3x3'?"),
        ("googlenet --vary 3a.depth=1:4", "row '3a' has no width in a column 'depth'"),
        ("googlenet --vary 3a.#3x3=1:4 --input 3x3x3", "a window of 3x3 does not fit"),
        ("gogglenet --vary batch=1:4", "no network is called 'gogglenet'; did you mean 'googlenet'?"),
        ("googlenet --vary batch=1:4 --row 9z", "GoogLeNet: no row is called '9z'"),
        ("googlenet --vary batch=1:4 -o /no/such/x.csv", "the folder '/no/such' does not exist"),
        ("googlenet --vary batch=1:4 -o /no/such/x.md", "the folder '/no/such' does not exist"),
        ("googlenet --vary batch=1:4 -o /dev/full", "'/dev/full' ends like no format's files"),
    ],
)
def test_unusable_requests(arguments: str, message: str) -> None:
    answer = archcalc("sweep", *arguments.split())
    assert message in answer.err
    assert answer.code == (2 if "ends like" in message else 3)
    assert answer.out == ""


def test_alternatives_are_swept_one_at_a_time() -> None:
    answer = archcalc("sweep", "naive-vs-v1", "--vary", "v1.#3x3=64:192:64")
    assert answer.code == 2
    assert "holds alternatives: name one of them with --row (naive, v1)" in answer.err
    answer = archcalc(
        "sweep", "naive-vs-v1", "--vary", "v1.#3x3=64:192:64", "--row", "v1", "--no-bias", "-f", "csv"
    )
    assert answer.out.splitlines()[-1] == "192,346112,354418688,622592,True"
