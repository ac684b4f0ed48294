"""Gradient checks by the thousand: every record with random shapes and settings, and recurrent layers of all kinds."""
import time

import pytest

from tinyseq.checks.records import check_sample
from trust.configurations import RECORDS, check_layer, sample

pytestmark = pytest.mark.trust

OF_RECORDS, OF_LAYERS = 19_500, 1_000                      # at least; the default run takes a tenth
PER_RECORD = -(-OF_RECORDS // len(RECORDS))
BATCHES = 10                                               # of layers


class Tally:
    """Checks done, and those that failed."""

    def __init__(self):
        self.checks, self.failures, self.begin = 0, [], time.perf_counter()

    def add(self, what, check):
        self.checks += 1
        try:
            report = check()
            assert not report.kinks, f"nothing to compare with at {report.kinks}"
        except Exception as error:
            self.failures.append(f"{what}: {error}")


@pytest.fixture(scope="module")
def total(trust_table):
    total = Tally()
    yield total
    trust_table.row("generated gradient checks", "20,000", f"{total.checks:,}")
    trust_table.row("... that failed", "0", f"{len(total.failures):,}")
    trust_table.row("... seconds", "600", f"{time.perf_counter() - total.begin:.0f}")


def run(total, checks):
    """All of these checks, then the failures, if any."""
    before = len(total.failures)
    for what, check in checks:
        total.add(what, check)
    failed = total.failures[before:]
    assert not failed, f"{len(failed)} of {len(checks)} fail:\n" + "\n".join(failed[:5])


@pytest.mark.parametrize("name", RECORDS)
def test_record(name, full, total):
    kinds = RECORDS[name].kinds
    run(total, [(f"sample(RECORDS, {name!r}, {kind!r}, {seed})",
                 lambda kind=kind, seed=seed: check_sample(sample(RECORDS, name, kind, seed), seed))
                for seed in range(PER_RECORD if full else PER_RECORD // 10)
                for kind in [kinds[seed % len(kinds)]]])


@pytest.mark.parametrize("batch", range(BATCHES))
def test_recurrent_layers(batch, full, total):
    count = OF_LAYERS // BATCHES if full else OF_LAYERS // BATCHES // 10
    run(total, [(f"check_layer({seed})", lambda seed=seed: check_layer(seed))
                for seed in range(batch * count, (batch + 1) * count)])
