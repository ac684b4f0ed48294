"""All drawing, in one style (style.py). matplotlib is imported where a picture is drawn, not before; a computation
graph (graph.py, laid out by layout.py, written by svg.py) needs none."""
from tinyseq.pictures.attention import AttentionMap, attention_animation, attention_maps, decoding_steps
from tinyseq.pictures.embeddings import embedding_map, principal_components
from tinyseq.pictures.gates import gates_over_text
from tinyseq.pictures.graph import Graph, GraphNode, computation_graph
from tinyseq.pictures.images import ImageAttention, attention_over_images, read_image
from tinyseq.pictures.loss import compared, loss_curve
from tinyseq.pictures.positions import position_encodings
from tinyseq.pictures.time import norms_through_time, small_multiples

__all__ = ["AttentionMap", "Graph", "GraphNode", "ImageAttention", "attention_animation", "attention_maps",
           "attention_over_images", "compared", "computation_graph", "decoding_steps", "embedding_map",
           "gates_over_text", "loss_curve", "norms_through_time", "position_encodings", "principal_components",
           "read_image", "small_multiples"]
