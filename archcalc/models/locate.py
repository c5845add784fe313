"""A torch model by its name: of torchvision, timm or transformers, or made by a user's own code.

    torchvision:resnet50          timm:convnext_tiny          transformers:BertModel, transformers:gpt2
    package.module:factory        file.py:factory

A factory is a function or a class that is called without arguments, or a model that is there. Models are
built from their configuration: nothing is downloaded, and their numbers are not drawn. A user's code runs
only because it was named.

>>> located = locate("torchvision:resnet18")
>>> located.key, sum(each.numel() for each in located.model.parameters())
('torchvision:resnet18', 11689512)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import NamedTuple

from torch import nn

from archcalc.environment import code, extras
from archcalc.environment.plugins import located as placed
from archcalc.environment.plugins import said
from archcalc.errors import ArchcalcError, InputError, UnknownName, nearest, quoted
from archcalc.models.building import built
from archcalc.models.isolate import undisturbed

Make = Callable[[], object]
"""A factory: it takes nothing and gives a model."""
FORMS = "torchvision:NAME, timm:NAME, transformers:NAME, package.module:factory or file.py:factory"


class Located(NamedTuple):
    """A model and where it was found.

    `library` is torchvision, timm or transformers, empty for a user's own code. `again` builds it once more,
    with its numbers if that is asked for.
    """

    key: str
    name: str
    library: str
    model: nn.Module
    again: Callable[[bool], nn.Module]


def locate(name: str) -> Located:
    """The model of that name, built.

    Raises UnknownName with the nearest name, MissingExtra where its library is not installed, InputError
    where code fails or gives something else.
    """
    library, colon, member = name.partition(":")
    if colon and library in LIBRARIES:
        make, file = LIBRARIES[library](member), ""
    else:
        library = ""
        make, member, file = _factory(name)

    def again(content: bool) -> nn.Module:
        return _model(name, make, file, content)

    return Located(name, member, library, again(False), again)


def is_model(name: str) -> bool:
    """Whether a name is one that `locate` takes.

    >>> is_model("timm:vit_tiny"), is_model("net.py:Net"), is_model("densenet:121-layer"), is_model("a.md")
    (True, True, False, False)
    """
    before, colon, after = name.rpartition(":")
    if not (colon and after):
        return False
    return name.partition(":")[0] in LIBRARIES or before.endswith(".py") or _is_dotted(before)


def _is_dotted(text: str) -> bool:
    return "." in text and all(part.isidentifier() for part in text.split("."))


def _model(name: str, make: Make, file: str, content: bool) -> nn.Module:
    """What a factory gives. Raises InputError where it fails or gives no module."""
    try:
        with undisturbed():
            model = built(make, content)
    except (KeyboardInterrupt, ArchcalcError):
        raise
    except BaseException as error:
        where = f"{placed(error, file)}: " if file else ""
        raise InputError(f"{where}{quoted(name)} cannot be built: {said(error)}") from error
    if not isinstance(model, nn.Module):
        raise InputError(
            f"{quoted(name)} gives a {type(model).__name__}, not a torch module (torch.nn.Module)"
        )
    return model


def _torchvision(name: str) -> Make:
    with extras.needed("a model of torchvision"):
        from torchvision import models
    known = models.list_models()
    if name not in known:
        raise UnknownName(f"torchvision has no model {quoted(name)}{nearest(name, known)}")
    builder = models.get_model_builder(name)
    options = {"weights": None}
    if "weights_backbone" in inspect.signature(builder).parameters:
        options["weights_backbone"] = None
    return lambda: models.get_model(name, **options)


def _timm(name: str) -> Make:
    with extras.needed("a model of timm"):
        import timm
    if not timm.is_model(name):
        raise UnknownName(f"timm has no model {quoted(name)}{nearest(name, timm.list_models())}")
    return lambda: timm.create_model(name, pretrained=False)


def _transformers(name: str) -> Make:
    with extras.needed("a model of transformers"):
        import transformers
        from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES
    found: object = getattr(transformers, name, None)
    if (Path(name) / "config.json").is_file():
        return lambda: transformers.AutoModel.from_config(
            transformers.AutoConfig.from_pretrained(name, local_files_only=True)
        )
    if name in CONFIG_MAPPING_NAMES:
        return lambda: transformers.AutoModel.from_config(transformers.CONFIG_MAPPING[name]())
    if isinstance(found, type) and issubclass(found, transformers.PretrainedConfig):
        return lambda: transformers.AutoModel.from_config(found())
    if isinstance(found, type) and issubclass(found, transformers.PreTrainedModel):
        config: object = getattr(found, "config_class", None)
        if callable(config):
            return lambda: found(config())
    kinds = [each for each in dir(transformers) if each.endswith(("Model", "Config")) or "For" in each]
    near = nearest(name, [*CONFIG_MAPPING_NAMES, *kinds])
    if near.startswith("; known"):
        near = "; name a class such as BertModel, a kind such as bert, or a folder with a config.json"
    raise UnknownName(f"transformers has no model {quoted(name)} (nothing is downloaded){near}")


LIBRARIES: dict[str, Callable[[str], Make]] = {
    "torchvision": _torchvision,
    "timm": _timm,
    "transformers": _transformers,
}


def _factory(name: str) -> tuple[Make, str, str]:
    """A user's factory, what it is called, and the file it stands in."""
    module_name, colon, member = name.rpartition(":")
    if not (colon and module_name and member):
        raise UnknownName(f"{quoted(name)} names no torch model; write {FORMS}")
    is_file = module_name.endswith(".py")
    module = code.run(Path(module_name)) if is_file else code.imported(module_name)
    try:
        found: object = reduce(getattr, member.split("."), module)
    except AttributeError:
        known = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise UnknownName(f"{module_name} has no {quoted(member)}{nearest(member, known)}") from None
    file = module_name if is_file else str(getattr(module, "__file__", ""))
    if isinstance(found, nn.Module):
        return lambda: found, member, file
    if not callable(found):
        raise InputError(
            f"{quoted(name)} is a {type(found).__name__}, not a function or class that makes a model"
        )
    _check_arguments(name, found)

    def make() -> object:
        with code.searched(Path(module_name).resolve().parent if is_file else Path.cwd()):
            return found()

    return make, member, file


def _check_arguments(name: str, factory: Callable[..., object]) -> None:
    """Refuse a factory that cannot be called without arguments."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # some that are written in C tell nothing
        return
    needed = [
        each.name
        for each in parameters
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    if needed:
        wants = ", ".join(f"'{each}'" for each in needed)
        raise InputError(
            f"{quoted(name)} is called without arguments, and it needs {wants}: "
            "name a function that takes none, or give defaults"
        )
