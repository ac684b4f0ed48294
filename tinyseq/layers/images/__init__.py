"""Networks over images: self-attention over the places of a map, residual blocks, ResNet."""
from tinyseq.layers.images.attention import PlaceAttention, check_images
from tinyseq.layers.images.residual import BasicBlock, Bottleneck
from tinyseq.layers.images.resnet import DEPTHS, ResNet

__all__ = ["DEPTHS", "BasicBlock", "Bottleneck", "PlaceAttention", "ResNet", "check_images"]
