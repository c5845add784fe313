"""Texts of a document -> parts of the paths by which nodes and torch's submodules are called."""

from __future__ import annotations

import re
from functools import lru_cache
from keyword import iskeyword

TAKEN = frozenset(
    """T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half
    ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu
    zero_grad""".split()  # noqa: SIM905 -- as a list, one name a line, it would fill a screen
)
"""Names that torch's modules use themselves: a part of a path that is one of them gets a `_`."""


@lru_cache(maxsize=2**12)
def identifier(text: str) -> str:
    """A text as part of a path.

    >>> identifier("inception 3a"), identifier("half"), identifier("5x5/2")
    ('inception_3a', 'half_', '5x5_2')
    """
    name = re.sub(r"\W+", "_", text).strip("_") or "_"
    return name + "_" if name in TAKEN or iskeyword(name) else name
