"""All drawing. matplotlib is imported where a picture is drawn, not before."""
from tinyseq.pictures.attention import AttentionMap, attention_maps
from tinyseq.pictures.gates import gates_over_text
from tinyseq.pictures.loss import compared, loss_curve
from tinyseq.pictures.time import norms_through_time, small_multiples

__all__ = ["AttentionMap", "attention_maps", "compared", "gates_over_text", "loss_curve", "norms_through_time",
           "small_multiples"]
