"""S4 and L1: imports stay inside the spec's root, lead nowhere twice, and fail once."""

import os
from pathlib import Path

import pytest

from cnnspec.elaborate.workspace import Workspace
from tests.language.harness import Checked, check, check_file, checked, layers, place, said

BLOCK = "block b(c) { conv c, 1x1 }\n"
USE = 'import b from "{}"\nnet it {{ input 3x8x8; b 4 }}\n'


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def only(result: Checked) -> tuple[str, str, str]:
    """Code, place and message of the one thing found."""
    assert len(result.found) == 1, said(result.found)
    (found,) = result.found
    return found.code, place(found.span), found.message


def test_any_declared_name_is_imported(tmp_path: Path):
    write(tmp_path, {
        "lib.cnn": 'source s = book("T")\nlet width = 4\nrecipe r { batch = 2 }\n' + BLOCK
        + "net family(n) { input 3x8x8; b n }\nnet one = family(1)\n",
        "net.cnn": 'import s, width, r, b, family, one from "lib.cnn"\n'
        "net it = family(width) { recipe r; claim params = one.params + 12 from s }\n",
    })  # fmt: skip
    result = check_file(str(tmp_path / "net.cnn"))
    assert layers(result.net) == ["b1.conv1 4x8x8"]
    assert result.elaborated.recipe == {"batch": 2}


def test_an_importer_is_not_affected_by_defaults_nor_the_imported_by_its_own(tmp_path: Path):
    write(tmp_path, {
        "lib.cnn": "default conv pad=same\n" + BLOCK.replace("1x1", "3x3"),
        "net.cnn": "default conv -> relu\n" + USE.format("lib.cnn").replace(
            "b 4", "conv 4, 3x3; b 4"),
    })  # fmt: skip
    assert layers(check_file(str(tmp_path / "net.cnn")).net) == [
        "conv1 4x6x6", "relu1 4x6x6", "b1.conv1 4x6x6",
    ]  # fmt: skip


def test_a_path_is_relative_to_the_importing_file(tmp_path: Path):
    write(tmp_path, {
        "specs/lib/deep/b.cnn": BLOCK,
        "specs/lib/a.cnn": 'import b from "deep/b.cnn"\nblock a(c) { b c }\n',
        "specs/net.cnn": 'import a from "lib/a.cnn"\nnet it { input 3x8x8; a 4 }\n',
    })  # fmt: skip
    assert layers(check_file(str(tmp_path / "specs/net.cnn")).net) == ["a1.b1.conv1 4x8x8"]


@pytest.mark.parametrize("marker", ["cnnspec.toml", "pyproject.toml"])
def test_the_root_is_where_the_project_is(tmp_path: Path, marker: str):
    write(tmp_path, {marker: "", "lib/b.cnn": BLOCK, "a/b/net.cnn": USE.format("../../lib/b.cnn")})
    assert not check_file(str(tmp_path / "a/b/net.cnn")).found


def test_the_root_is_the_folder_named_specs(tmp_path: Path):
    write(tmp_path, {
        "specs/b.cnn": BLOCK,
        "b.cnn": BLOCK,
        "specs/a/in.cnn": USE.format("../b.cnn"),
        "specs/a/out.cnn": USE.format("../../b.cnn"),
    })  # fmt: skip
    assert not check_file(str(tmp_path / "specs/a/in.cnn")).found
    result = check_file(str(tmp_path / "specs/a/out.cnn"))
    assert only(result) == ("E0122", "1:15", "an import stays inside specs/")


@pytest.mark.parametrize("target", ["../b.cnn", "/etc/hostname", "x/../../b.cnn", "/"])
def test_an_import_does_not_leave_the_root(tmp_path: Path, target: str):
    write(tmp_path, {"b.cnn": BLOCK, "a/net.cnn": USE.format(target)})
    code, where, message = only(check_file(str(tmp_path / "a/net.cnn")))
    assert (code, where) == ("E0122", "1:15")
    assert message == "an import stays inside a/"


def test_a_link_that_leads_out_of_the_root_is_refused(tmp_path: Path):
    write(tmp_path, {"b.cnn": BLOCK, "a/net.cnn": USE.format("link.cnn")})
    (tmp_path / "a/link.cnn").symlink_to(tmp_path / "b.cnn")
    assert only(check_file(str(tmp_path / "a/net.cnn")))[0] == "E0122"


def test_a_link_inside_the_root_is_followed(tmp_path: Path):
    write(tmp_path, {"a/real.cnn": BLOCK, "a/net.cnn": USE.format("link.cnn")})
    (tmp_path / "a/link.cnn").symlink_to(tmp_path / "a/real.cnn")
    assert not check_file(str(tmp_path / "a/net.cnn")).found


def test_only_regular_files_are_read(tmp_path: Path):
    write(tmp_path, {"net.cnn": USE.format("pipe.cnn")})
    os.mkfifo(tmp_path / "pipe.cnn")
    code, _, message = only(check_file(str(tmp_path / "net.cnn")))
    assert (code, message.endswith("pipe.cnn is not a regular file")) == ("E0122", True)


@pytest.mark.parametrize(
    "target", ["missing.cnn", "folder", "", ".", "a\x01b.cnn", "x" * 5000, "loop.cnn"]
)
def test_what_cannot_be_read_is_one_error_at_the_import(tmp_path: Path, target: str):
    write(tmp_path, {"net.cnn": USE.format(target), "folder/x.cnn": BLOCK})
    (tmp_path / "loop.cnn").symlink_to(tmp_path / "loop.cnn")
    code, where, _ = only(check_file(str(tmp_path / "net.cnn")))
    assert code in ("E0122", "E0021")
    assert where.startswith("1:")


def test_files_that_import_each_other_show_the_cycle(tmp_path: Path):
    write(tmp_path, {
        "a.cnn": 'import y from "b.cnn"\nblock x() { relu }\n',
        "b.cnn": 'import z from "c.cnn"\nblock y() { relu }\n',
        "c.cnn": 'import x from "a.cnn"\nblock z() { relu }\n',
    })  # fmt: skip
    result = check_file(str(tmp_path / "a.cnn"))
    (found,) = result.found
    assert (found.code, place(found.span)) == ("E0124", "1:15")
    assert found.message == "files import each other: a.cnn -> b.cnn -> c.cnn -> a.cnn"
    assert Path(found.span.source.name).name == "c.cnn"
    assert [Path(label.span.source.name).name for label in found.labels] == ["a.cnn", "b.cnn"]


def test_a_file_that_imports_itself(tmp_path: Path):
    write(tmp_path, {"net.cnn": USE.format("net.cnn")})
    code, where, message = only(check_file(str(tmp_path / "net.cnn")))
    assert (code, where) == ("E0124", "1:15")
    assert message == "files import each other: net.cnn -> net.cnn"


def test_a_diamond_is_no_cycle_and_each_file_is_read_once(tmp_path: Path):
    write(tmp_path, {
        "base.cnn": BLOCK,
        "l.cnn": 'import b from "base.cnn"\nblock l() { b 2 }\n',
        "r.cnn": 'import b from "base.cnn"\nblock r() { b 3 }\n',
        "net.cnn": 'import l from "l.cnn"\nimport r from "r.cnn"\n'
        "net it { input 3x8x8; l; r }\n",
    })  # fmt: skip
    result = check_file(str(tmp_path / "net.cnn"))
    assert layers(result.net) == ["l1.b1.conv1 2x8x8", "r1.b1.conv1 3x8x8"]
    assert result.unit is not None
    assert len(list(result.unit.closure())) == 4


def test_a_name_that_the_file_does_not_declare(tmp_path: Path):
    write(tmp_path, {"lib.cnn": BLOCK, "net.cnn": 'import xyz from "lib.cnn"\nlet x = 1\n'})
    result = check_file(str(tmp_path / "net.cnn"))
    assert only(result)[:2] == ("E0101", "1:8")
    assert result.found[0].note == ""


def test_a_misspelt_name_says_what_is_near_and_its_uses_say_nothing_more(tmp_path: Path):
    write(tmp_path, {
        "lib.cnn": "block basic(c) { relu }\nrecipe slow { batch = 1 }\n"
        "net fam(n) { input 3x8x8 }\n",
        "net.cnn": 'import basik, slwo, fma from "lib.cnn"\n'
        "net it { input 3x8x8; basik 4; recipe slwo }\nnet two = fma(3)\n"
        "recipe r = slwo { batch = 2 }\n",
    })  # fmt: skip
    found = check_file(str(tmp_path / "net.cnn")).found
    assert [(d.code, place(d.span), d.note) for d in found] == [
        ("E0101", "1:8", "did you mean `basic`?"),
        ("E0101", "1:15", "did you mean `slow`?"),
        ("E0101", "1:21", "did you mean `fam`?"),
    ]


def test_what_is_imported_is_not_passed_on(tmp_path: Path):
    write(tmp_path, {
        "base.cnn": BLOCK,
        "lib.cnn": 'import b from "base.cnn"\nblock c() { b 1 }\n',
        "net.cnn": USE.format("lib.cnn"),
    })  # fmt: skip
    assert only(check_file(str(tmp_path / "net.cnn")))[:2] == ("E0101", "1:8")


def test_one_name_imported_twice_shows_both(tmp_path: Path):
    write(tmp_path, {
        "one.cnn": BLOCK, "two.cnn": BLOCK,
        "net.cnn": 'import b from "one.cnn"\nimport b from "two.cnn"\n'
        "net it { input 3x8x8; b 4 }\n",
    })  # fmt: skip
    result = check_file(str(tmp_path / "net.cnn"))
    assert only(result)[:2] == ("E0114", "2:8")
    assert place(result.found[0].labels[0].span) == "1:8"


def test_an_error_in_an_imported_file_is_said_there_and_once(tmp_path: Path):
    write(tmp_path, {
        "lib.cnn": "block b(c) {\n  conv c, 3x3, padd=1\n}\n",
        "net.cnn": USE.format("lib.cnn"),
        "other.cnn": USE.format("lib.cnn"),
    })  # fmt: skip
    workspace = Workspace()
    for name in ("net.cnn", "other.cnn"):
        checked(workspace, workspace.read(str(tmp_path / name)))
    (found,) = workspace.diagnostics
    assert (Path(found.span.source.name).name, place(found.span)) == ("lib.cnn", "2:16")


def test_a_syntax_error_in_an_imported_file_leaves_no_echo(tmp_path: Path):
    write(tmp_path, {"lib.cnn": "block b( { }\n", "net.cnn": USE.format("lib.cnn")})
    (found,) = check_file(str(tmp_path / "net.cnn")).found
    assert Path(found.span.source.name).name == "lib.cnn"


def test_text_from_nowhere_cannot_import():
    found = check(USE.format("lib.cnn")).found
    assert [(d.code, place(d.span)) for d in found] == [("E0122", "1:15")]
    assert found[0].help == ("check a file, or name one with --stdin-filename",)


def test_text_with_a_path_can(tmp_path: Path):
    write(tmp_path, {"lib.cnn": BLOCK})
    assert not check(USE.format("lib.cnn"), path=str(tmp_path / "net.cnn")).found


def test_a_file_and_its_imports_over_a_mebibyte(tmp_path: Path):
    padding = "# " + "x" * 250_000 + "\n"
    names = [f"l{n}.cnn" for n in range(5)]
    write(tmp_path, {
        **{name: padding + f"block b{n}() {{ relu }}\n" for n, name in enumerate(names)},
        "net.cnn": "".join(f'import b{n} from "{name}"\n' for n, name in enumerate(names))
        + "net it { input 3x8x8; b0 }\n",
    })  # fmt: skip
    code, where, message = only(check_file(str(tmp_path / "net.cnn")))
    assert (code, where) == ("E0019", "5:1")
    assert message == "too large: more than 1 MiB with its imports"


def test_s7_a_long_chain_of_imports_is_an_error(tmp_path: Path):
    for n in range(200):
        text = f'import b{n + 1} from "c{n + 1}.cnn"\nblock b{n}() {{ b{n + 1} }}\n'
        (tmp_path / f"c{n}.cnn").write_text(text, encoding="utf-8")
    (tmp_path / "c200.cnn").write_text("block b200() { relu }\n", encoding="utf-8")
    found = check_file(str(tmp_path / "c0.cnn")).found
    assert [d.code for d in found] == ["E0019"]
    assert "64 deep" in found[0].message
    assert check_file(str(tmp_path / "c150.cnn")).found == []


STD = 'import resnet from "{}"\nnet mine = resnet([1, 1, 1, 1])\n'


def test_l1_std_means_the_shipped_specs(tmp_path: Path):
    text = STD.format("std:families/resnet.cnn")
    write(tmp_path, {"mine.cnn": text})
    assert not check_file(str(tmp_path / "mine.cnn")).found
    assert not check(text).found  # a text without a place has shipped blocks all the same


def test_l1_a_shipped_file_imports_what_stands_beside_it(tmp_path: Path):
    write(tmp_path, {"mine.cnn": 'import resnet34_a from "std:resnet34_a.cnn"\n'})
    assert not check_file(str(tmp_path / "mine.cnn")).found


@pytest.mark.parametrize("target", ["std:../pyproject.toml", "std:/etc/hostname", "std:a/../../b"])
def test_s4_std_does_not_leave_the_shipped_specs(target: str):
    assert only(check(STD.format(target))) == (
        "E0122", "1:20", "an import of std: stays inside the shipped specs",
    )  # fmt: skip


@pytest.mark.parametrize("target", ["std:families/resent.cnn", "std:families/resnet"])
def test_l1_a_mistyped_shipped_file_is_named(target: str):
    (found,) = check(STD.format(target)).found
    assert found.note == "did you mean `std:families/resnet.cnn`?"


def test_l1_a_shipped_file_is_named_where_std_was_left_out(tmp_path: Path):
    write(tmp_path, {"mine.cnn": STD.format("families/resnet.cnn")})
    (found,) = check_file(str(tmp_path / "mine.cnn")).found
    assert found.note == "did you mean `std:families/resnet.cnn`?"
