"""S5: over a limit there is an error at a place, quickly; S6: reading is linear in the text."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnspec.source import Source
from cnnspec.syntax.lines import _Pass, read_lines
from tests.bounds import within
from tests.language.harness import Checked, body, check, check_file, fault, layers, place

SECONDS = 5.0
"""The contract says one; the machines that run this are shared."""
BYTES = 200 * 2**20


def first(make: Callable[[], Checked]) -> tuple[str, str]:
    """Code and place of the one error, found within time and memory."""
    result = within(SECONDS, make)
    assert len(result.found) == 1, [d.message for d in result.found][:5]
    found = result.found[0]
    assert len(found.message) < 300
    return found.code, place(found.span)


def nested(n: int) -> str:
    return "net it { input 3x8x8; " + "{" * n + " relu " + "}" * n + " }"


def test_a_file_over_256_kib(tmp_path: Path):
    path = tmp_path / "net.cnn"
    path.write_text("# " + "x" * (256 * 1024))
    assert first(lambda: check_file(str(path))) == ("E0019", "1:1")


def test_a_file_of_256_kib_is_read(tmp_path: Path):
    path = tmp_path / "net.cnn"
    text = "net it { input 3x8x8; relu }\n"
    path.write_text(text + "# ".ljust(256 * 1024 - len(text), "#"))
    assert not check_file(str(path)).found


def test_nesting_of_64_passes_and_65_does_not():
    assert not check(nested(63)).found
    assert first(lambda: check(nested(64))) == ("E0013", "1:86")
    assert first(lambda: check(nested(100_000))) == ("E0013", "1:86")


@pytest.mark.parametrize(("around", "count"), [("{ %s }", 12), ("if true { %s }", 40)])
def test_calls_with_braces_in_each_end_in_an_error(around: str, count: int):
    """Python's own limit of recursion is nearer than 64 calls then."""
    text = "block b0() { relu }\n"
    for n in range(1, 60):
        inside = f"b{n - 1}"
        for _ in range(count):
            inside = around % inside
        text += f"block b{n}() {{ {inside} }}\n"
    text += "net it { input 3x8x8; b59 }\n"
    assert first(lambda: check(text)) == ("E0019", f"{text.count(chr(10))}:5")


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("(" * 60 + "1" + ")" * 60, True),
        ("(" * 5000 + "1" + ")" * 5000, False),
        ("-" * 60 + "1", True),
        ("-" * 5000 + "1", False),
        ("not " * 5000 + "true", False),
        ("1 ^ " * 60 + "1", True),
        ("1 ^ " * 5000 + "1", False),
        ("1 if true else " * 60 + "1", True),
        ("1 if true else " * 5000 + "1", False),
        ("[" * 5000 + "]" * 5000, False),
        ("x" + "[0]" * 5000, False),
        ("x" + ".a" * 5000, False),
        ("f" + "(1)" * 5000, False),
    ],
)
def test_expressions_nest_64_deep(expression: str, fits: bool):
    result = check(f"let y = {expression}\n")
    assert bool(result.found) is not fits, [d.message for d in result.found]
    if not fits:
        assert first(lambda: check(f"let y = {expression}\n"))[0] == "E0013"


@pytest.mark.parametrize("joint", [" + ", " * ", " and ", " or "])
def test_an_expression_of_many_terms(joint: str):
    one = "true" if joint.strip() in ("and", "or") else "1"
    assert not check(body(f"let x = {joint.join([one] * 10_000)}")).found
    assert first(lambda: check(body(f"let x = {joint.join([one] * 10_001)}")))[0] == "E0016"


def test_a_list_of_many_items_is_read():
    assert not check(f"let x = [{'1, ' * 20_000}]").found


@pytest.mark.parametrize(
    ("statements", "where"),
    [
        ("repeat 1_000_000_000 { relu }", "2:8"),
        ("for i in range(10_000_000_000) { relu }", "2:10"),
        ("repeat 100_000 { let x = [1, 2, 3, 4, 5, 6, 7, 8, 9] }", "2:45"),
        ("let x = enumerate(range(10_000_000_000))", "2:9"),
        ("conv 2_147_483_647, 1x1 -> conv 2_147_483_647, 1x1", "2:28"),
        ("conv 3_000_000_000, 1x1", "2:6"),
        ("conv 8, kernel(3_000_000_000, 1)", "2:9"),
        ("conv 8, 3x3, pad=3_000_000_000", "2:14"),
        ("let x = 10 ^ 1_000_000_000", "2:9"),
        ("let x = 2.0 ^ 1_000_000", "2:9"),
        ("let x = 9_000_000_000_000_000_000 * 2", "2:37"),
        ("conv 1, 1x1 => [2_147_483_648, 1, 1]", "2:17"),
    ],
)
def test_over_a_limit_is_one_error_at_its_place(statements: str, where: str):
    code, found = first(lambda: check(body(statements)))
    assert code in ("E0019", "E0108", "E0202", "E0109")
    assert found == where


def test_a_doubling_chain_of_blocks_is_counted_not_built():
    text = "block b0() { relu; relu }\n"
    text += "".join(f"block b{n}() {{ b{n - 1}; b{n - 1} }}\n" for n in range(1, 60))
    code, _ = first(lambda: check(text + "net it { input 1x1x1; b59 }\n"))
    assert code == "E0019"


def test_calls_nest_64_deep():
    text = "block b0() { relu }\n"
    text += "".join(f"block b{n}() {{ b{n - 1} }}\n" for n in range(1, 80))
    assert not check(text + "net it { input 1x1x1; b63 }\n").found
    assert first(lambda: check(text + "net it { input 1x1x1; b64 }\n"))[0] == "E0019"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_an_over_limit_net_takes_little_memory():
    code = (
        "from tests.language.harness import body, check;"
        "check(body('repeat 1000 { repeat 1000 { relu } }', '1x1x1'));"
        "print(*[x for x in open('/proc/self/status') if x.startswith('VmHWM')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[1]) * 1024 < BYTES


def test_100_000_layers_are_within_the_limit():
    net = check(body("repeat 1000 { repeat 100 { relu } }", "1x1x1")).net
    assert len(layers(net)) == 100_000


# --- S6 ---

SHAPES: dict[str, Callable[[int], str]] = {
    "blank lines before an arrow": lambda n: body("relu" + "\n" * n + "-> relu"),
    "comments before an arrow": lambda n: body("relu" + "\n# x" * n + "\n-> relu"),
    "comments before an else": lambda n: body("if true { relu }" + "\n# x" * n + "\nelse { }"),
    "statements": lambda n: body("relu\n" * n),
    "semicolons": lambda n: body("relu" + ";" * n),
    "a chain over many lines": lambda n: body("relu" + "\n  -> relu" * n),
    "documentation": lambda n: "## x\n" * n + body("relu"),
    "a sum over many lines": lambda n: "let x = (1" + "\n + 1" * min(n, 9000) + ")\n",
    "no-break spaces in strings": lambda n: f'source s = book("{chr(0xA0) * n}")\n',
    "quotes": lambda n: '"' * n,
    "hidden characters": lambda n: "\u200b" * n,
    "closing brackets": lambda n: "}" * n,
    "opening brackets": lambda n: "(" * n,
    "templates that never close": lambda n: "${" * n,
}


class Work:
    """Counts lines of Python executed in the functions of one file: time without a clock."""

    def __init__(self, file: str) -> None:
        self.file, self.count = file, 0

    def trace(self, frame, event, arg):
        if frame.f_code.co_filename != self.file:
            return None
        return self.line

    def line(self, frame, event, arg):
        self.count += 1
        return self.line


def work(text: str) -> int:
    counter = Work(sys.modules[_Pass.__module__].__file__ or "")
    before = sys.gettrace()
    sys.settrace(counter.trace)
    try:
        read_lines(Source("net.cnn", text))
    finally:
        sys.settrace(before)
    return counter.count


@pytest.mark.parametrize("name", SHAPES)
def test_s6_finding_line_ends_is_linear(name: str):
    make = SHAPES[name]
    small, large = work(make(1000)), work(make(2000))
    assert large <= 2.3 * small + 50


@pytest.mark.parametrize("name", SHAPES)
def test_s6_time_of_the_largest_file(name: str):
    text = SHAPES[name](120_000)[: 256 * 1024]
    found = within(SECONDS / 5, lambda: read_lines(Source("net.cnn", text)).faults)
    assert len(found) <= 40


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("5e-21474836484", "5e-21474836484 is below 1e-400"),
        ("1e-00000000000000000401", "1e-00000000000000000401 is below 1e-400"),
        ("5e21474836484", "5e21474836484 is larger than 2^63-1"),
    ],
)
def test_s5_an_exponent_without_end_is_refused_at_once(number: str, said: str):
    found = fault(f"let a = {number}\nnet it {{ input 3x8x8 }}\n")
    assert (found.code, found.message) == ("E0015", said)
