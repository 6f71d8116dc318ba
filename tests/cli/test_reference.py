"""Net references: files, FILE:NET, names (cli.md)."""

import pytest

from cnnspec.cli.reference import Reference, locate

TWO = "net a { input 4 }\nnet z { input 4; linear 2 }\n"


@pytest.mark.parametrize("path", ["C:\\a\\b.cnn", "C:/a/b.cnn", "b c.cnn", "a:b.cnn", "표.cnn"])
def test_13_6_a_path_with_a_colon_keeps_its_net(cnnspec, folder, path):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(TWO)
    assert locate(f"{path}:z") == Reference(path, "z")
    assert locate(path) == Reference(path)
    assert cnnspec("summary", f"{path}:z").out.startswith("z · ")
    assert cnnspec("check", f"{path}:z").out.count("params") == 1
    assert cnnspec("gen", f"{path}:z").out.startswith("generated/z.py  ")
    assert cnnspec("draw", f"{path}:z").out.startswith("z.svg  ")
    assert cnnspec("diff", f"{path}:a", f"{path}:z").status == 1
    assert cnnspec("sweep", f"{path}:z", "--input", "4,8").status == 0
    assert cnnspec("summary", path).err == (
        f"cnnspec summary: {path} declares a, z: say which, as in {path}:a\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary",), ("check",), ("fmt",), ("train",), ("sweep", "--set", "n=1"),
        ("gen", "lenet5", "-o"), ("draw", "lenet5", "-o"), ("claims",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_13_6_a_file_name_that_no_system_takes_is_one_line(process, folder, arguments):
    done = process(*arguments, "a" * 300)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "File name too long" in done.err
    assert "fault" not in done.err
