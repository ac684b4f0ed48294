"""What all tests share: no deadlines, and the rule that continuous integration skips nothing."""
import os

import hypothesis
import pytest

# A slow machine is not a failure.
hypothesis.settings.register_profile("tinyseq", deadline=None)
hypothesis.settings.load_profile("tinyseq")

SKIPS_ARE_FAILURES = os.environ.get("TINYSEQ_NO_SKIPS") == "1"


def skipped(terminal):
    return terminal.stats.get("skipped", []) if SKIPS_ARE_FAILURES else []


def pytest_sessionfinish(session, exitstatus):
    """With TINYSEQ_NO_SKIPS=1, as in .ci/run, a run in which anything was skipped has failed."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if skipped(terminal) and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if reports := skipped(terminalreporter):
        terminalreporter.section("skipped, which TINYSEQ_NO_SKIPS=1 forbids", red=True)
        for report in reports:
            path, line, reason = report.longrepr
            terminalreporter.write_line(f"{report.nodeid or path} (line {line}): {reason}")
