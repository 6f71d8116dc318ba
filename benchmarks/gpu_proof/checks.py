"""Whether what only a GPU can show holds: tests/train/gpu_checks.py, one by one."""

import traceback

from benchmarks.gpu_proof.proof import Proof, Report
from benchmarks.gpu_proof.runner import run_alone
from tests.train import gpu_checks

ALONE = ("a_graph_that_fails_falls_back", "out_of_memory_is_one_line")  # what they break is theirs


def run(proof: Proof, report: Report) -> None:
    """Note for every check whether it holds, and where not, why."""
    results: dict[str, str] = {}
    for check in gpu_checks.CHECKS:
        name = check.__name__.removeprefix("check_")
        if name in ALONE:
            status = run_alone(proof, checked, (proof, name), min(40.0, proof.left()))
            results[name] = "ok" if status == 0 else f"failed: exit {status}"
        else:
            results[name] = attempt(proof, name)
        report.note("checks", results)
    report.goal("all checks hold", all(result == "ok" for result in results.values()))
    failed = [name for name, result in results.items() if result != "ok"]
    assert not failed, failed


def checked(proof: Proof, name: str) -> None:
    """Run one check; raise where it fails."""
    result = attempt(proof, name)
    assert result == "ok", result


def attempt(proof: Proof, name: str) -> str:
    """Run one check and return `ok`, or the end of its traceback."""
    if proof.rehearse:
        gpu_checks.NET, gpu_checks.LARGE = proof.module("resnet20"), proof.module("resnet34")
        gpu_checks.LARGE_BATCH = 8
    try:
        getattr(gpu_checks, f"check_{name}")()
    except Exception:
        return f"failed: {traceback.format_exc()[-1500:]}"
    return "ok"
