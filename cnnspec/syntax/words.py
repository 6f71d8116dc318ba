"""Words that no name may be: the language's, and those a generated class inherits (L5, S2)."""

from __future__ import annotations

import keyword

from cnnspec.diagnostics import fail
from cnnspec.source import Span

NAME_MAX = 64
"""The longest name (L5)."""

STATEMENTS = frozenset(
    "let default require claim input output aux recipe if for repeat bare seq from share".split()
)
"""Words that begin a statement or a layer: no label can be one of them."""

RESERVED = STATEMENTS | frozenset(
    "import source block net figure else in within but because percent "
    "and or not true false none same tf_same kernel min max range len enumerate "
    "sum ceil round zip".split()
)
"""Words of the language: no declaration, parameter or `let` can be one of them."""

MODULE_ATTRIBUTES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda
    double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad append extend insert pop
    """.split()
)
"""Public attributes of torch.nn.Module and nn.Sequential (torch 2.13); a test compares them."""


GENERATED = frozenset(
    """
    torch nn F Tensor NamedTuple OrderedDict Final INPUT_SIZE RECIPE center_crop make_divisible self
    super object bool int float str tuple list dict getattr hasattr isinstance print
    """.split()
)
"""Names that a generated file imports or uses itself: no net's function can have one (S2)."""


def check_name(name: str, span: Span) -> None:
    """Refuse a reserved word or an overlong name for a declaration, parameter or `let`."""
    if name in RESERVED:
        raise fail("E0110", f"`{name}` is a word of the language and cannot be a name", span)
    check_length(name, span)


def check_label(text: str, span: Span) -> None:
    """Refuse a label that begins a statement, or an overlong one (L5)."""
    for word in text.split("."):
        if word in STATEMENTS:
            raise fail("E0110", f"`{word}` begins a statement and cannot be a label", span)
        check_length(word, span)


def check_attribute(word: str, span: Span, what: str = "a layer") -> None:
    """Refuse a word that cannot be an attribute of a generated module (S2)."""
    if keyword.iskeyword(word):
        raise fail("E0501", f"`{word}` is a word of Python and cannot name {what}", span)
    if word.startswith("__"):
        raise fail("E0501", f"`{word}` begins with `__`, which Python keeps for itself", span)
    if word in MODULE_ATTRIBUTES or word.startswith("_"):
        inherits = "the generated class inherits it from torch.nn.Module"
        if word.startswith("_") and word not in MODULE_ATTRIBUTES:
            inherits = "torch.nn.Module keeps names that begin with `_`"
        meant = f"{word.strip('_') or 'a'}_{'conv' if what == 'a layer' else what.split()[-1]}"
        raise fail(
            "E0501",
            f"`{word}` cannot name {what}: {inherits}",
            span,
            note=f"choose another, such as `{meant}`",
        )


def check_length(word: str, span: Span) -> None:
    """Refuse an overlong name (L5)."""
    if len(word) > NAME_MAX:
        raise fail("E0017", f"a name longer than {NAME_MAX} characters", span)
