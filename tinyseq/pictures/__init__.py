"""All drawing. matplotlib is imported where a picture is drawn, not before."""
from tinyseq.pictures.loss import loss_curve

__all__ = ["loss_curve"]
