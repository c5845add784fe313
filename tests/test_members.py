"""Several networks in one printed table: which rows each has, how it is named, what is refused and where."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.errors import DocumentError
from archcalc.sources.paper import load, names
from tests._cli import archcalc as command
from tests._cli import rows
from tests._members import DENSE, changed, refused, written


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    written()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("family.md:34-layer", "family:34-layer"),
        ("family.md:3", "family:34-layer"),
        ("family.md: 34-layer ", "family:34-layer"),
        ("family.md:18-layer (1/2)", "family:18-layer (1/2)"),
        ("family.md:a:b c", "family:a:b c"),
        ("family.md:a:", "family:a:b c"),
        ("./family.md:a:b", "family:a:b c"),
        ("densenet:12", "densenet:121"),
        ("densenet:264", "densenet:264"),
    ],
)
def test_a_name_is_a_file_and_the_beginning_of_a_heading(name: str, key: str) -> None:
    assert load(name).key == key
    assert archcalc.load(name).network.key == key


def test_a_file_whose_name_holds_a_colon_is_that_file() -> None:
    Path("dense.md").rename("a:b.md")
    assert load("a:b.md:6").key == "a:b:6"
    assert names("a:b.md") == ["a:b.md:4", "a:b.md:6", "a:b.md:10"]


def test_the_multiplication_sign_of_a_heading_may_be_typed_as_it_is_printed() -> None:
    changed("dense.md", "layers = 4, 6, 10", "layers = 0.5\N{MULTIPLICATION SIGN}, 6, 10")
    changed("dense.md", "| width | 4  |", "| width | 0.5\N{MULTIPLICATION SIGN} |")
    assert {load(f"dense.md:0.5{sign}").key for sign in ("x", "\N{MULTIPLICATION SIGN}")} == {"dense:0.5x"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dense.md", "dense.md:3: it holds several networks: name one after a colon, '4', '6', '10'"),
        ("dense.md:", "dense.md:3: it holds several networks: name one after a colon, '4', '6', '10'"),
        ("dense.md:7", "dense.md:3: '7' is none of its networks; known: 10, 4, 6"),
        ("family.md:43-layer", "family.md:4: '43-layer' is none of its networks; did you mean '34-layer'?"),
        ("densenet:1", "densenet.md:8: '1' is the beginning of '121' and '169'"),
        ("lenet-5:3", "lenet-5.md:1: it holds one network, and '3' names one of several"),
        ("nothing.md:3", "nothing.md: cannot be read: No such file or directory"),
        ("densnet:121", "no network is called 'densnet'; did you mean 'densenet'?"),
    ],
)
def test_a_name_that_means_no_network_is_refused(name: str, said: str) -> None:
    assert refused(name) == said


def test_every_member_is_a_network_of_the_catalogue() -> None:
    listed = {row["network"]: row["params"] for row in rows("list")}
    assert [name for name in listed if name.startswith("densenet:")] == names("densenet")
    assert "densenet" not in listed
    assert listed["densenet:121"] == "7978856"
    assert set(archcalc.networks()) == set(listed)


def test_rows_that_a_network_does_not_have_count_in_the_names_of_the_others() -> None:
    """So the networks of one table call a row alike, and are compared row by row."""
    assert [row.name for row in load("dense.md:4").rows] == ["stem", "dense block (1)", "2"]
    assert [row.name for row in load("dense.md:10").rows] == ["stem", "dense block (1)", "transition (1)"]
    changed("dense.md", "dense block (1) |       | 4  | 6 | 10", "dense block     |       | no | 6 | 10")
    changed("dense.md", "dense block (2)", "dense block    ")
    assert [row.name for row in load("dense.md:4").rows] == ["stem", "dense block_2"]
    assert [row.name for row in load("dense.md:6").rows] == ["stem", "dense block", "1", "dense block_2"]


def test_they_are_compared_row_by_row() -> None:
    compared = {row["row"]: row for row in rows("compare", "dense.md:6", "dense.md:4")}
    # 12 kernels of 3x3 for each layer, on 16, 28, ... channels, and a bias each
    first = sum(12 * (9 * (16 + 12 * layer) + 1) for layer in range(4))
    assert compared["dense block (1)"]["dense:4_params"] == str(first)
    assert "transition (1)" in compared


def test_a_row_that_no_network_has_leaves_none() -> None:
    for row in (
        "stem            | 16    |    |",
        "dense block (1) |       | 4  |",
        "dense block (2) |       | 4  |",
    ):
        changed("dense.md", row, row.rpartition("|")[0].rpartition("|")[0] + "| no |")
    assert refused("dense.md:4") == "dense.md:15: the network '4' has no rows: all of its cells say 'no'"
    assert load("dense.md:6").rows


def test_a_cell_of_the_column_type_is_a_block_and_how_often() -> None:
    network = archcalc.load("family.md:34")
    assert [(row["row"], row["type"]) for row in network.table().rows if row["row"] != "total"] == [
        ("stem", "stem"), ("conv2_x", "bottleneck"), ("conv3_x", "bottleneck"), ("top", "top"),
    ]  # fmt: skip
    # convolutions without a bias, 2 for the norm of each channel
    stem, unit = 27 * 16 + 32, 16 * 16 + 32 + 9 * 16 * 16 + 32
    last, top = 16 * 32 + 64 + 9 * 32 * 32 + 64, 32 * 10 + 10
    assert network.cost().params == stem + 3 * unit + last + top == 18522


def test_a_kernel_at_the_end_of_a_cell_is_no_repetition() -> None:
    changed("family.md", "bottleneck x3", "conv 3x3")
    with pytest.raises(DocumentError, match="no block is called 'conv 3x3'"):
        load("family.md:34").graph()


def test_an_error_stands_in_the_column_of_the_network() -> None:
    changed("family.md", "| bottleneck      | basic |", "| botleneck x 2 | basic |")
    with pytest.raises(DocumentError) as caught:
        load("family.md:34").graph()
    said = "family.md:19, row 'conv3_x', column '34-layer': no block is called 'botleneck'"
    assert str(caught.value).startswith(said)
    assert load("family.md:a").graph()  # the others do not have that cell
    changed("dense.md", "| 4  | 6 | no |", "| 4  | many | no |")
    with pytest.raises(DocumentError, match=r"dense.md:20, row 'dense block \(2\)', column '6'"):
        load("dense.md:6").graph()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("layers = 4, 6, 11", "no column is headed '11'; known: 10, 4, 6, type, width"),
        ("layers = 4, 6, 4", "the column '4' is named twice"),
        ("layers = type, 4", "the column 'type' cannot hold a network: it has a meaning"),
        ("in = 4, 6", "a column cannot be called 'in': in blocks {in} is a width"),
        ("layers = 4,", "expected 'COLUMN = NETWORK, NETWORK', found 'layers = 4,'"),
        ("= 4", "expected 'COLUMN = NETWORK, NETWORK', found '= 4'"),
        ("4, 6", "expected 'COLUMN = NETWORK, NETWORK', found '4, 6'"),
    ],
)
def test_a_setting_that_names_no_networks_is_refused(setting: str, said: str) -> None:
    changed("dense.md", "layers = 4, 6, 10", setting)
    assert refused("dense.md:4") == f"dense.md:3: {said}"


def test_a_column_of_a_side_chain_alone_holds_no_network() -> None:
    head = "\n## heads: from stem\n\n| type | width | 12 |\n|---|---|---|\n| stem | 8 | |\n"
    Path("dense.md").write_text(DENSE.replace("4, 6, 10", "4, 6, 12") + head, encoding="utf-8")
    assert refused("dense.md:4").startswith("dense.md:3: no column is headed '12'")


def test_a_side_chain_is_that_of_every_network() -> None:
    head = "\n## heads: from stem\n\n| type | width |\n|---|---|\n| stem | 8 |\n"
    Path("dense.md").write_text(DENSE + head, encoding="utf-8")
    assert [list(load(name).heads) for name in names("dense.md")] == [["head_stem"]] * 3


def test_commands_take_the_file_for_all_of_its_networks(folder: Path) -> None:
    keys = ["family:18-layer (1/2)", "family:34-layer", "family:a:b c"]
    assert {row["network"] for row in rows("check", "family.md")} == set(keys)
    assert command("report", "family.md", "-o", "out").code == 0
    written = {path.name for path in (folder / "out").iterdir()}
    assert {"family-18-layer (1-2).md", "family-34-layer.csv", "family-a-b c.layers.csv"} <= written
    assert not any(set(name) & set('<>:"/\\|?*') for name in written)


def test_a_variant_of_one_is_compared_with_it(folder: Path) -> None:
    Path("sub").mkdir()
    for name in ("dense.md", "family.md"):
        Path(name).rename(Path("sub", name))
    wide = "---\nvariant of: dense:6\n---\n\n| type | width |\n|---|---|\n| stem | 32 |\n"
    Path("sub", "wide.md").write_text(wide, encoding="utf-8")
    assert load("sub/wide.md").parent == "dense:6"
    assert command("report", "sub/wide.md", "-o", "out").code == 0
    assert (folder / "out" / "compare.wide.dense-6.md").is_file()


def test_a_table_in_csv_may_hold_several(folder: Path) -> None:
    before, _, table = DENSE.partition("\n| type")
    Path("sheet.blocks.md").write_text(before, encoding="utf-8")
    lines = [line.strip("| ") for line in f"type{table}".splitlines() if "--" not in line]
    cells = [";".join(cell.strip() for cell in line.split("|")) for line in lines]
    widest = max(line.count(";") for line in cells)
    Path("sheet.csv").write_text(
        "\n".join(c + ";" * (widest - c.count(";")) for c in cells), encoding="utf-8"
    )
    for name in ("4", "6", "10"):
        assert load(f"sheet.csv:{name}").graph().shapes == load(f"dense.md:{name}").graph().shapes
    assert refused("sheet.csv").startswith("sheet.blocks.md:3: it holds several networks")


def test_siblings_are_relatives_in_a_ratio() -> None:
    """The networks of one table may be meant when another of them is named."""
    tried = rows("reconcile", "2.36x", "densenet:264", "densenet:121")
    assert {"densenet:264 / densenet:169"} <= {row["network"] for row in tried}


def test_documents_without_the_hyphen_keep_the_space() -> None:
    assert load("densenet:121").name == "DenseNet-121"
    assert load("family.md:34").name == "a ResNet 34-layer"
    assert load("dense.md:4").name == "dense 4"
