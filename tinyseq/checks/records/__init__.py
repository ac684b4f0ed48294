"""A record for every op of ops/: RECORDS["tanh"]. Those of the recurrent sequences: layers/recurrent/records.py."""
from tinyseq.checks.records import (
    activations,
    arithmetic,
    attention,
    compare,
    conv,
    crf,
    dropout,
    einsum,
    gather,
    index,
    joining,
    losses,
    matmul,
    norm,
    pool,
    reduce,
    shape,
    softmax,
)
from tinyseq.checks.records.record import Mistake, Record, Sample, check, check_sample

__all__ = ["RECORDS", "Mistake", "Record", "Sample", "check", "check_sample"]

RECORDS: dict[str, Record] = {**activations.RECORDS, **arithmetic.RECORDS, **attention.RECORDS, **compare.RECORDS,
                              **conv.RECORDS, **crf.RECORDS, **dropout.RECORDS, **einsum.RECORDS, **gather.RECORDS,
                              **index.RECORDS, **joining.RECORDS, **losses.RECORDS, **matmul.RECORDS, **norm.RECORDS,
                              **pool.RECORDS, **reduce.RECORDS, **shape.RECORDS, **softmax.RECORDS}
