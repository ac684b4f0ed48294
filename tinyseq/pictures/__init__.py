"""All drawing. matplotlib is imported where a picture is drawn, not before."""
from tinyseq.pictures.attention import AttentionMap, attention_maps
from tinyseq.pictures.gates import gates_over_text
from tinyseq.pictures.images import ImageAttention, attention_over_images, read_image
from tinyseq.pictures.loss import compared, loss_curve
from tinyseq.pictures.time import norms_through_time, small_multiples

__all__ = ["AttentionMap", "ImageAttention", "attention_maps", "attention_over_images", "compared", "gates_over_text",
           "loss_curve", "norms_through_time", "read_image", "small_multiples"]
