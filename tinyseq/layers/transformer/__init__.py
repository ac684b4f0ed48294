"""Transformers: blocks of attention and a feed-forward layer, with neither recurrence nor convolution.

Reading order: feed_forward.py, block.py, one_step.py (the same by hand for one symbol), decoder_block.py (which looks
at another sequence too), state.py, stack.py (several blocks, called as a recurrent stack is), decoder_stack.py,
recurrent_transformer.py (on top of a recurrent stack).
Attention itself, its positions and its cache: layers/attention.
"""
from tinyseq.layers.transformer.block import TransformerBlock
from tinyseq.layers.transformer.decoder_block import TransformerDecoderBlock
from tinyseq.layers.transformer.decoder_stack import DecoderStack
from tinyseq.layers.transformer.feed_forward import FeedForward
from tinyseq.layers.transformer.recurrent_transformer import RecurrentTransformer, RecurrentTransformerState
from tinyseq.layers.transformer.stack import Transformer, reach
from tinyseq.layers.transformer.state import TransformerState

__all__ = ["DecoderStack", "FeedForward", "RecurrentTransformer", "RecurrentTransformerState", "Transformer",
           "TransformerBlock", "TransformerDecoderBlock", "TransformerState", "reach"]
