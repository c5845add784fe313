"""`archcalc show`: how is a network written?"""

from __future__ import annotations

from typing import Annotated

import typer

from archcalc.cli.console import answers, remark, show
from archcalc.cli.options import NetworkName, Output
from archcalc.environment import files
from archcalc.errors import UsageError


@answers
def command(
    network: NetworkName,
    only_path: Annotated[bool, typer.Option("--path", help="Say where its file is.")] = False,
    output: Output = None,
) -> None:
    """Show a network's document as it is written, to copy from.

    With -o it is copied to a file, to be changed.

    \b
    For example:
      archcalc show googlenet
      archcalc show googlenet -o mine.md
    """
    from archcalc.notation.reader import parts, text_of
    from archcalc.sources.paper import located

    documents = parts(located(network)[0])
    if only_path:
        show("".join(f"{document}\n" for document in documents))
        return
    texts = {document: text_of(document) for document in documents}
    if output is not None:
        copies = parts(output)
        if len(copies) != len(documents):
            endings = " and ".join(f"'{document.name}'" for document in documents)
            raise UsageError(f"'{output}' cannot hold {endings}: give it the ending {documents[0].suffix}")
        files.write_all(dict(zip(copies, texts.values(), strict=True)))
        return
    for document, text in texts.items():
        if len(texts) > 1:
            remark([f"{document.name}:"])
        show(text)
