"""A torch model by its name, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from archcalc.errors import ArchcalcError, InputError, UnknownName
from archcalc.models.inputs import default_inputs, given_inputs
from archcalc.models.locate import locate

FOUND = {
    "torchvision:resnet50": (25557032, "224x224x3 (the size of torchvision's weights)"),
    "torchvision:inception_v3": (27161264, "299x299x3 (the size of torchvision's weights)"),
    "torchvision:vit_h_14": (632045800, "224x224x3 (the size of torchvision's weights)"),
    "timm:levit_128": (9213936, "224x224x3 (timm's own size)"),
    "transformers:BertModel": (109482240, "input_ids 128 token ids (the sizes of its configuration)"),
    "transformers:gpt2": (124439808, "input_ids 128 token ids (the sizes of its configuration)"),
    "transformers:ViTConfig": (86389248, "pixel_values 224x224x3 (the sizes of its configuration)"),
}
"""Models with the parameters that their libraries state, and what enters them."""


@pytest.mark.parametrize("name", FOUND)
def test_a_library_s_model_is_built_without_its_numbers(name: str) -> None:
    params, words = FOUND[name]
    located = locate(name)
    assert located.key == name
    assert {each.device.type for each in located.model.parameters()} == {"meta"}
    assert sum(each.numel() for each in located.model.parameters()) == params
    assert default_inputs(located).words() == words


CODE = """
import sys
import torch
from torch import nn

class Small(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.rates = torch.linspace(0, 1, 3).tolist()
        self.layer = nn.Linear(3, width)

    def forward(self, x):
        return self.layer(x)

def wide(): return Small(8)
def needy(depth, width=3): return Small(width)
def text(): return "a model"
def broken():
    return nn.Linear(3, 4)(torch.ones(1, 5))
def leaves(): sys.exit("goodbye")
ready = Small(2)
number = 7
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(CODE)
    return "net.py"


@pytest.mark.parametrize(("member", "params"), [("Small", 16), ("wide", 32), ("ready", 8)])
def test_a_file_s_factory_class_or_model_is_taken(file: str, member: str, params: int) -> None:
    located = locate(f"{file}:{member}")
    assert sum(each.numel() for each in located.model.parameters()) == params


def test_a_module_of_the_working_folder_is_found(file: str) -> None:
    Path("package").mkdir()
    Path("package/nets.py").write_text(CODE)
    assert locate("package.nets:wide").name == "wide"
    assert isinstance(locate("torch.nn:Identity").model, nn.Identity)


REFUSED = {
    "torchvision:resnet5": "torchvision has no model 'resnet5'; did you mean 'resnet50'?",
    "timm:resnet5": "timm has no model 'resnet5'; did you mean 'resnet50'?",
    "transformers:Bertmodel": "transformers has no model 'Bertmodel' (nothing is downloaded); did you mean "
    "'BertModel'?",
    "transformers:google/vit-9": "transformers has no model 'google/vit-9' (nothing is downloaded); name a "
    "class such as BertModel, a kind such as bert, or a folder with a config.json",
    "net.py:wid": "net.py has no 'wid'; did you mean 'wide'?",
    "net.py:needy": "'net.py:needy' is called without arguments, and it needs 'depth': name a function that "
    "takes none, or give defaults",
    "net.py:text": "'net.py:text' gives a str, not a torch module (torch.nn.Module)",
    "net.py:number": "'net.py:number' is a int, not a function or class that makes a model",
    "net.py:leaves": "net.py:20: 'net.py:leaves' cannot be built: SystemExit: goodbye",
    "net.py:broken": "net.py:19: 'net.py:broken' cannot be built: RuntimeError: a and b must have same "
    "reduction dim, but got [1, 5] X [3, 4].",
    "other.py:net": "other.py: there is no such file",
    "nowhere.nets:net": "no Python module is called 'nowhere': it is not installed, and not in this folder",
    "torch.nowhere:net": "no Python module is called 'torch.nowhere': 'torch' has no such part",
    "net.py": "'net.py' names no torch model; write torchvision:NAME, timm:NAME, transformers:NAME, "
    "package.module:factory or file.py:factory",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_gives_no_model_is_refused_in_one_line(file: str, name: str) -> None:
    with pytest.raises(ArchcalcError) as refused:
        locate(name)
    assert str(refused.value) == REFUSED[name]


def test_a_file_that_cannot_be_imported_names_its_line(file: str) -> None:
    Path("bad.py").write_text("import torch\nimport wheels_of_wood\n")
    with pytest.raises(
        InputError, match=r"^bad\.py:2: cannot be imported: ModuleNotFoundError: No module named"
    ):
        locate("bad.py:net")
    Path("odd.py").write_text("def net(:\n")
    with pytest.raises(InputError, match=r"^odd\.py:1: cannot be imported: SyntaxError"):
        locate("odd.py:net")


def test_a_missing_library_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    with pytest.raises(
        ArchcalcError, match=r"a model of timm needs timm, which is not installed; .*archcalc\[models\]"
    ):
        locate("timm:resnet18")


def test_a_model_that_needs_its_numbers_is_built_with_them(file: str) -> None:
    Path("numbers.py").write_text(
        "import torch\nclass Net(torch.nn.Module):\n def __init__(self):\n  super().__init__()\n"
        "  self.layer = torch.nn.Linear(2, int(torch.ones(3).sum()))\n"
    )
    assert locate("numbers.py:Net").model.get_parameter("layer.weight").shape == (3, 2)


def test_building_draws_no_random_number(file: str) -> None:
    Path("drawn.py").write_text(
        "import torch\ndef net():\n torch.randperm(5)\n return torch.nn.Linear(2, 2)\n"
    )
    before = torch.get_rng_state()
    locate("drawn.py:net")
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("32x40x3", [(1, 3, 32, 40)]),
        ("16x512", [(1, 16, 512)]),
        ("a 7, b 4x8x8x3", [(1, 7), (1, 3, 4, 8, 8)]),
    ],
)
def test_given_inputs_are_laid_out_as_torch_does(text: str, sizes: list[tuple[int, ...]]) -> None:
    ordered, named = given_inputs(text, nn.Identity()).tensors()
    found = [tensor.shape for tensor in (*ordered, *named.values()) if isinstance(tensor, torch.Tensor)]
    assert found == sizes


def test_an_input_of_one_size_is_token_ids_where_the_model_looks_them_up() -> None:
    (tensor,), _ = given_inputs("12", nn.Embedding(10, 4)).tensors()
    assert isinstance(tensor, torch.Tensor)
    assert tensor.dtype is torch.int64
    with pytest.raises(InputError, match="an input is sizes such as 224x224x3"):
        given_inputs("large", nn.Identity())


def test_a_user_s_model_states_no_input(file: str) -> None:
    with pytest.raises(InputError, match=r"'net\.py:Small' does not say what enters it; state it: --input"):
        default_inputs(locate("net.py:Small"))


def test_unknown_names_are_unknown_names(file: str) -> None:
    with pytest.raises(UnknownName):
        locate("torchvision:nothing_like_it")
