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
    feed_forward,
    gather,
    heads,
    index,
    joining,
    lean_attention,
    losses,
    matmul,
    norm,
    pool,
    reduce,
    rotary,
    self_attention,
    shape,
    softmax,
    transformer_block,
)
from tinyseq.checks.records.record import Mistake, Record, Sample, check, check_sample

__all__ = ["RECORDS", "Mistake", "Record", "Sample", "check", "check_sample"]

RECORDS: dict[str, Record] = {**activations.RECORDS, **arithmetic.RECORDS, **attention.RECORDS, **compare.RECORDS,
                              **conv.RECORDS, **crf.RECORDS, **dropout.RECORDS, **einsum.RECORDS,
                              **feed_forward.RECORDS, **gather.RECORDS, **heads.RECORDS, **index.RECORDS,
                              **joining.RECORDS, **lean_attention.RECORDS, **losses.RECORDS, **matmul.RECORDS,
                              **norm.RECORDS, **pool.RECORDS, **reduce.RECORDS, **rotary.RECORDS,
                              **self_attention.RECORDS, **shape.RECORDS, **softmax.RECORDS,
                              **transformer_block.RECORDS}
