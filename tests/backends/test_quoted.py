"""L33: labels that are no names of Python, as attributes of the generated classes."""

import pytest

from tests.backends.test_constructs import equals_the_graph, spec

KEYS = {
    "keys of RegNet": (
        spec("stage 1, 2, 4\nstage 2, 3, 8", (
            'block unit(c) { a: conv c, 1x1 -> relu; add { skip; b: conv c, 3x3 } }\n'
            'block stage(number, depth, c) {\n'
            '  "block${number}-0": unit c\n'
            '  for i in range(1, depth) { "block${number}-${i}": unit c }\n}'
        )),
        'self.add_module(f"block{number}-{i}", Unit(c, c))',
    ),
    "a row": (spec('"a-1": conv 4, 1x1\n"b c": { "x-1": conv 4, 2x2, pad=[0, 1, 0, 1]; relu }'),
              'getattr(self, "b c")'),
    "two keys of one word": (spec('"a-1": conv 8, 1x1\na_1: conv 8, 1x1\n'
                                  'add { from "a-1"; from a_1; skip }'), "a_1_"),
    "braces in a loop": (spec('for i in range(9) { "{k}${i}": conv 4, 1x1 }'), '{{k}}'),
    "digits in braces": (spec("stem: { 0: conv 4, 1x1; relu; 1: conv 4, 1x1 }\nfrom stem[0]"),
                         '"0"'),
    "digits in a block": (spec("unit 3", "block unit(c) { for i in range(3) { ${i}: conv c, 1x1 } }"
                               ), 'self.add_module(f"{i}"'),
    "dotted in a loop": (spec("for i in range(3) { convs.${i}: conv 4, 1x1 }"), "nn.ModuleList"),
    "outputs of a loop": (spec("for i in range(2) { output cls${i}: conv 4, 1x1\n"
                               "aux side${i}: conv 2, 1x1 -> relu }"), "cls1: Tensor"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_l33_keys_that_are_no_names(name):
    source, written = KEYS[name]
    assert written in equals_the_graph(source)
