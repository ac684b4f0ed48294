"""All of it, or a seeded tenth; and the table at the end.

`pytest -q tests/trust` and `pytest -m trust` run everything; where these tests run among others, a tenth of the
generated checks is enough to notice what broke. With TINYSEQ_TRUST_JSON=FILE a whole run in which nothing failed keeps
its figures there.
"""
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))                       # so that tests can `import mutants`


@dataclass
class TrustTable:
    """What was proved in this run. Adding a row is one line: trust_table.row("leaks caught", "all", "12 of 12")."""
    rows: list[dict[str, Any]] = field(default_factory=list)

    def row(self, what: str, asked: str, reached: str) -> None:
        self.rows.append({"what": what, "asked": asked, "reached": reached})

    def lines(self) -> list[str]:
        widths = [max(len(row[key]) for row in self.rows) for key in ("what", "asked")]
        return [f"{row['what']:<{widths[0]}}   {row['asked']:<{widths[1]}}   {row['reached']}" for row in self.rows]


TABLE = pytest.StashKey[TrustTable]()


def pytest_configure(config):
    config.stash[TABLE] = TrustTable()


def is_full(config) -> bool:
    """Whether these tests were asked for by name or by marker."""
    if "trust" in config.option.markexpr and "not trust" not in config.option.markexpr:
        return True
    paths = [(config.invocation_params.dir / str(arg).split("::")[0]).resolve() for arg in config.args]
    return all(path.is_relative_to(HERE) for path in paths)


@pytest.fixture(scope="session")
def full(pytestconfig) -> bool:
    """Everything, or the tenth."""
    return is_full(pytestconfig)


@pytest.fixture(scope="session")
def trust_table(pytestconfig) -> TrustTable:
    """Rows for the table at the end."""
    return pytestconfig.stash[TABLE]


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    table = config.stash.get(TABLE, TrustTable())
    if not table.rows:
        return
    terminalreporter.section("trust" if is_full(config) else "trust (a tenth; all of it: pytest tests/trust)")
    for line in table.lines():
        terminalreporter.write_line(line)
    path = os.environ.get("TINYSEQ_TRUST_JSON")
    if path and is_full(config) and exitstatus == pytest.ExitCode.OK:
        Path(path).write_text(json.dumps({"rows": table.rows}, indent=1) + "\n", encoding="utf-8")
