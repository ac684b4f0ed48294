"""What all tests share: no deadlines, the two fixtures that may skip, and the rule that CI skips nothing."""
import os
from pathlib import Path

import hypothesis
import pytest

# A slow machine is not a failure.
hypothesis.settings.register_profile("tinyseq", deadline=None)
hypothesis.settings.load_profile("tinyseq")


@pytest.fixture(scope="session")
def data_folder():
    """The folder of data sets that TINYSEQ_DATA names; without it the test is skipped."""
    folder = os.environ.get("TINYSEQ_DATA")
    if not folder:
        pytest.skip("needs the data sets: set TINYSEQ_DATA to their folder")
    return Path(folder)


@pytest.fixture(scope="session")
def torch():
    """PyTorch, for tests marked oracle: imported here, because a test file is read in the default run too."""
    return pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[oracle]'")


def skips_are_failures():
    return os.environ.get("TINYSEQ_NO_SKIPS") == "1"


def pytest_sessionfinish(session, exitstatus):
    """With TINYSEQ_NO_SKIPS=1, as in CI, a run in which anything was skipped has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if skips_are_failures() and reporter.stats.get("skipped") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if skips_are_failures() and skipped:
        terminalreporter.section("skipped, which TINYSEQ_NO_SKIPS=1 forbids", red=True)
        for report in skipped:
            path, line, reason = report.longrepr
            terminalreporter.write_line(f"{report.nodeid or path} (line {line}): {reason}")
