"""What all tests share: no deadlines, the rule that continuous integration skips nothing, packages made up."""
import importlib
import os
from importlib.metadata import PackageNotFoundError, distributions

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


def pytest_collection_modifyitems(config, items):
    """Deselect what means nothing on this backend: such a test is not skipped, there is nothing to be run."""
    from tinyseq import backend

    def elsewhere(item):
        mark = item.get_closest_marker("backend")
        return mark is not None and backend.name not in mark.args

    if gone := [item for item in items if elsewhere(item)]:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if not elsewhere(item)]


def pytest_terminal_summary(terminalreporter):
    if reports := skipped(terminalreporter):
        terminalreporter.section("skipped, which TINYSEQ_NO_SKIPS=1 forbids", red=True)
        for report in reports:
            path, line, reason = report.longrepr
            terminalreporter.write_line(f"{report.nodeid or path} (line {line}): {reason}")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """installed(package, {path: content}) makes a package for tinyseq.interop to find, in place of all real ones."""
    from tinyseq.interop import packages

    site = tmp_path / "site"

    def distribution(name):
        for found in distributions(name=name, path=[str(site)]):
            return found
        raise PackageNotFoundError(name)

    def install(package, files):
        info = f"{package.replace('-', '_')}-1.0.dist-info"
        files = {**files, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode()}
        record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
        for path, content in {**files, f"{info}/RECORD": record.encode()}.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_bytes(content)
        importlib.invalidate_caches()
    monkeypatch.setattr(packages, "distribution", distribution)
    return install
