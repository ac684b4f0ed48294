"""A record for every op of ops/: RECORDS["tanh"]. Those of the recurrent sequences: layers/recurrent/records.py."""
from tinyseq.checks.records import activations
from tinyseq.checks.records.record import Mistake, Record, Sample, check

__all__ = ["RECORDS", "Mistake", "Record", "Sample", "check"]

RECORDS: dict[str, Record] = {**activations.RECORDS}
