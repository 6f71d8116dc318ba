"""`cnnspec summary`, `claims`, `list` and `explain`: what they print."""

import json

LENET_TABLE = """\
lenet5 · 표 6-1 LeNet-5 예제 신경망 상세 · specs/lenet5.cnn

  layer     op       kernel  output    params     MACs
 ──────────────────────────────────────────────────────
  image     input            1x32x32        –        –
  conv1     conv     5x5     6x28x28      156  117,600
  relu1     relu             6x28x28        0        –
  maxpool1  maxpool  2x2/2   6x14x14        0        –
  conv2     conv     5x5     16x10x10   2,416  240,000
  relu2     relu             16x10x10       0        –
  maxpool2  maxpool  2x2/2   16x5x5         0        –
  flatten1  flatten          400            0        –
  linear1   linear           120       48,120   48,000
  relu3     relu             120            0        –
  linear2   linear           84        10,164   10,080
  relu4     relu             84             0        –
  linear3   linear           2            170      168
  softmax1  softmax          2              0        –
 ──────────────────────────────────────────────────────
  total                                61,026  415,848
  MACs: multiply-adds of conv and linear, one image. FLOPs = 2 MACs = 831,696.
  input 0.00 MB · forward/backward 0.11 MB · params 0.23 MB · total 0.35 MB   (as torchsummary counts)
"""  # noqa: E501

NESTED = """\
block unit(c) { add { conv c, 3x3, pad=1 -> relu; skip } }
net nested { input 4x8x8
  body: seq { unit 4; unit 4 }
  head: { conv 2, 1x1; relu }
  aux side: from body -> flatten -> linear 3
}
"""


def test_the_table(cnnspec):
    assert cnnspec("summary", "lenet5").out == LENET_TABLE


def test_depth_collapses_blocks(cnnspec, folder):
    (folder / "n.cnn").write_text(NESTED)
    rows = [line.split() for line in cnnspec("summary", "n.cnn", "--depth", "1").out.splitlines()]
    assert ["body", "seq", "4x8x8", "296", "18,432"] in rows
    assert ["head", "{", "}", "2x8x8", "10", "512"] in rows
    assert ["total", "306", "18,944"] in rows
    assert ["with", "aux", "heads", "1,077"] in rows
    deeper = cnnspec("summary", "n.cnn", "--depth", "2").out
    assert ["body.0", "unit", "4x8x8", "148", "9,216"] in [
        line.split() for line in deeper.splitlines()
    ]


def test_json(cnnspec):
    data = json.loads(cnnspec("summary", "lenet5", "--format", "json").out)
    assert {k: data[k] for k in ("schema", "net", "file", "inputs", "outputs")} == {
        "schema": "cnnspec.summary/1", "net": "lenet5", "file": "specs/lenet5.cnn",
        "inputs": {"image": [1, 32, 32]}, "outputs": {"logits": [2]},
    }  # fmt: skip
    totals = data["totals"]
    assert list(totals) == [
        "params", "params_all", "trainable", "weights", "macs", "flops", "layers", "input_mb",
        "forward_backward_mb", "params_mb", "total_mb", "peak_inference_bytes", "receptive_field",
    ]  # fmt: skip
    assert (totals["params"], totals["flops"], totals["layers"]) == (61_026, 831_696, 5)
    assert totals["peak_inference_bytes"] == 37_024
    assert totals["receptive_field"] == {"size": 16, "stride": 4}
    wanted = {
        "path": "conv1", "op": "conv", "inputs": ["image"], "input_shape": [1, 32, 32],
        "output_shape": [6, 28, 28], "params": 156, "macs": 117_600,
        "file": "specs/lenet5.cnn", "line": 10,
    }  # fmt: skip
    assert {key: data["layers"][1][key] for key in wanted} == wanted


def test_other_formats(cnnspec):
    assert (
        "conv1,conv,5x5,6x28x28,156,117600\n" in cnnspec("summary", "lenet5", "--format", "csv").out
    )
    assert (
        "| conv1 | conv | 5x5 | 6x28x28 | 156 | 117,600 |\n"
        in cnnspec("summary", "lenet5", "--format", "markdown").out
    )
    assert (
        "  conv1 & conv & 5x5 & 6x28x28 & 156 & 117,600 \\\\\n"
        in cnnspec("summary", "lenet5", "--format", "latex").out
    )


def test_claims(cnnspec, folder):
    (folder / "c.cnn").write_text(
        'source he = paper("x")\n'
        "net c { input 1x8x8\n conv 3, 3x3\n claim params = 30 from he\n"
        ' claim params ~ 29 from he "Table 1" but 30 because misprint "no bias"\n'
        " claim shape(conv1) = 3x6x6 }\n"
    )
    done = cnnspec("claims", "c.cnn")
    assert done.status == 0
    assert done.out == (
        "  source  where    claim         printed  measured  verdict\n"
        "  he      –        params        30       30        holds\n"
        "  he      Table 1  params        29       30        differs: no bias (misprint)\n"
        "  –       –        shape(conv1)  3x6x6    3x6x6     holds\n"
    )


def test_claims_of_several_nets_name_them_and_count(cnnspec, folder):
    text = "net {0} {{ input 1x8x8\n conv 3, 3x3\n claim params = 30 }}\n"
    (folder / "specs" / "a.cnn").write_text(text.format("a"))
    out = cnnspec("claims").out
    assert out.startswith("a · specs/a.cnn\n  source")
    assert out.endswith("\n2 claims hold\n")
    data = json.loads(cnnspec("claims", "--format", "json").out)
    assert [claim["net"] for claim in data["claims"]] == ["a", "lenet5"]


def test_a_failing_claim_makes_the_status_1(cnnspec, folder):
    (folder / "c.cnn").write_text("net c { input 1x8x8\n conv 3, 3x3\n claim params = 31 }\n")
    done = cnnspec("claims", "c.cnn")
    assert done.status == 1
    assert "fails" in done.out
    assert "error[E0401]" in done.err


def test_list_shows_the_shipped_nets(cnnspec):
    data = json.loads(cnnspec("list", "--format", "json").out)
    resnet34 = next(net for net in data["nets"] if net["name"] == "resnet34")
    assert (resnet34["params"], resnet34["layers"]) == (21_797_672, 34)
    assert "resnet34 " in cnnspec("list").out


def test_explain(cnnspec):
    assert cnnspec("explain", "e0301").out.startswith("E0301: ")
    assert cnnspec("explain", "conv").out.startswith("conv(channels, window, ")


def test_memory(cnnspec):
    page = cnnspec("summary", "lenet5", "--memory", "--batch", "2").out
    assert ["conv1", "37,632", "8,192"] in [line.split() for line in page.splitlines()]
    assert "batch 2, float32, inference  0.32 MB" in page
    data = json.loads(
        cnnspec("summary", "lenet5", "--memory", "--batch", "2", "--format", "json").out
    )
    memory = data["memory"]
    assert (memory["peak_inference_bytes"], memory["kept_for_backward_bytes"]) == (74_048, 98_080)
    assert memory["peak_inference_at"] == "maxpool1"
    adam = json.loads(
        cnnspec(
            "summary", "lenet5", "--memory", "--dtype", "float16", "--optimizer", "adam",
            "--format", "json",
        ).out
    )["memory"]  # fmt: skip
    assert adam["optimizer_bytes"] == 2 * adam["params_bytes"] == 4 * 61_026
    assert cnnspec("summary", "lenet5", "--memory", "--dtype", "int8").status == 2
    assert cnnspec("summary", "lenet5", "--memory", "--optimizer", "lion").status == 2


def test_roofline(cnnspec, folder):
    page = cnnspec("summary", "lenet5", "--device", "a100", "--batch", "64").out
    assert page.startswith("lenet5 · NVIDIA A100 SXM4 80 GB · bfloat16 312.0 TFLOP/s, 2.04 TB/s")
    assert "training fused" in page and "June 2021" in page
    done = cnnspec("summary", "lenet5", "--device", "h100", "--memory", "--format", "json")
    data = json.loads(done.out)
    modes = data["roofline"]["modes"]
    assert list(modes) == [
        "inference_eager", "inference_fused", "training_eager", "training_fused",
    ]  # fmt: skip
    assert modes["training_eager"]["seconds"] > modes["inference_eager"]["seconds"]
    assert data["memory"]["batch"] == 1 and data["roofline"]["batch"] == 128
    assert cnnspec("summary", "lenet5", "--device", "tpu").status == 2
    assert cnnspec("summary", "lenet5", "--device", "h100", "--dtype", "int8").status == 2


SQUEEZED = """
net squeezed {
  input 4x16x12
  conv 8, 3x3/2, pad=1
  mul { skip; { global_avgpool; conv 2, 1x1 -> relu; conv 8, 1x1 -> sigmoid } }
  conv 8, 3x3, pad=1
  global_avgpool -> flatten -> linear 3
}
"""


def test_g3_2_a_field_that_is_everything_is_all(cnnspec, folder):
    (folder / "s.cnn").write_text(SQUEEZED)
    totals = json.loads(cnnspec("summary", "s.cnn", "--format", "json").out)["totals"]
    assert totals["receptive_field"] == "all"
    assert "can see the whole input" in cnnspec("field", "s.cnn", "--layer", "conv4").out


def test_g3_5_the_line_of_sizes_says_that_shared_weights_count_once(cnnspec, folder):
    (folder / "t.cnn").write_text(
        "net t { input 4x8x8; head: conv 512, 1x1; conv 4, 1x1; share head }"
    )
    out = cnnspec("summary", "t.cnn").out
    assert "params 0.02 MB" in out
    assert "(as torchsummary counts, shared weights once)" in out
    assert "(as torchsummary counts)" in cnnspec("summary", "lenet5").out
