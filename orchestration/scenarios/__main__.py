"""Golden: run all scenarios of the golden cases and write build/golden.json."""

import sys

from orchestration.home import ROOT
from orchestration.scenarios.run import golden
from orchestration.terminal import console

cases = golden(
    ROOT / "tests" / "golden" / "scenarios",
    ROOT / "tests" / "golden" / "elsewhere.yaml",
    ROOT / "build" / "golden.json",
)
for case in cases:
    if case["passed"] is None:
        console.print(
            f"[dim]-[/dim] {case['case']} {case['name']}: {case['judged_by']}"
        )
    else:
        mark = "[green]✓[/green]" if case["passed"] else "[red]✕[/red]"
        console.print(f"{mark} {case['case']} {case['name']}")
sys.exit(0 if all(case["passed"] is not False for case in cases) else 1)
