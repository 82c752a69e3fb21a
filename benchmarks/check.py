"""Run all benchmarks and compare their ratios with what is on file.

    python benchmarks/check.py

Prints each figure beside its limit and what was seen when it was last written down
(benchmarks/limits.json); exits with 1 if a limit is missed. Never part of the tests: a busy
machine is no defect.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Run the benchmarks named in the file of limits, each in a process of its own."""
    limits = json.loads((HERE / "limits.json").read_text(encoding="utf-8"))
    missed = False
    for script in dict.fromkeys(name.split(".")[0] for name in limits):
        command = [sys.executable, str(HERE / f"{script}.py"), "--json"]
        found = json.loads(
            subprocess.run(command, capture_output=True, text=True, check=True).stdout
        )
        for name, limit in limits.items():
            if name.startswith(f"{script}."):
                value = found[name.removeprefix(f"{script}.")]
                good = limit.get("least", value) <= value <= limit.get("most", value)
                missed |= not good
                asked = ", ".join(f"{key} {number}" for key, number in limit.items())
                print(f"{'ok    ' if good else 'MISSED'} {name:32s} {value:8.2f}  ({asked})")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
