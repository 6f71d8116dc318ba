"""L24: what an open size would decide is an error; nothing is frozen at the declared size."""

import pytest

from cnnspec.elaborate.workspace import Workspace

OPEN = {
    "upsample in.height": "the `scale` of upsample",
    "let h = in.height\n upsample h": "the `scale` of upsample",
    "concat { skip; { let h = in.height\n global_avgpool; upsample h } }": (
        "the `scale` of upsample"
    ),
    "let h = in.height // 2\n up h": "the `scale` of upsample",
    "conv 8, 1x1, in.height": "the `pad` of conv",
    "conv 8, 3x3, pad=[in.height, 0, 0, 0]": "the `pad` of conv",
    "maxpool kernel(in.height, in.width)": "the `window` of maxpool",
    "adaptive_avgpool in.width": "the `size` of adaptive_avgpool",
    "slice 0, in.height": "the `stop` of slice",
    "scale value=in.height": "the `value` of scale",
    "dropout 1 / in.height": "a real number",
    "leaky_relu in.height * 0.01": "a real number",
}


def errors(body: str, size: str) -> list[str]:
    workspace = Workspace()
    text = f"block up(s) {{ upsample s }}\nnet it {{ input map: [8, {size}]\n {body}\n}}\n"
    unit = workspace.read_text(text)
    assert unit is not None
    workspace.elaborate(unit, "it")
    return [f"{d.code} {d.message}" for d in workspace.diagnostics.errors]


@pytest.mark.parametrize("body", OPEN)
def test_g3_16_an_argument_does_not_freeze_an_open_size(body: str):
    (error,) = errors(body, "H=4, W=4")
    assert error.startswith(f"E0204 {OPEN[body]} cannot depend on `")
    assert not any("E0204" in error for error in errors(body, "4, 4"))


def test_g3_16_a_size_that_is_known_is_no_open_one():
    assert errors("global_avgpool -> upsample in.height", "H=4, W=4") == []
