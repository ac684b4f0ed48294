"""char_transformer's quick recipe in PyTorch: rotary positions, SwiGLU, pre-norm, a window, a cache that is carried."""
from typing import Any

import torch
from torch.nn import functional as F

from tinyseq import backend
from tinyseq.layers.positions import BASE


class TransformerReference(torch.nn.Module):
    """The same model in PyTorch, with the same weights. Their names have "/" for "."."""

    def __init__(self, ours: Any):
        super().__init__()
        attention = ours.stack.blocks[0].attention
        self.blocks, self.num_heads, self.window = len(ours.stack.blocks), attention.num_heads, attention.window
        self.weights = torch.nn.ParameterDict({name.replace(".", "/"): torch.tensor(backend.to_host(array))
                                               for name, array in ours.state_dict().items()})

    def forward(self, ids: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """ids (B, T); state: how many steps were before, and of each block the last keys and values (B, nh, K, d)."""
        t, caches = state or (0, [None] * self.blocks)
        x = self.weights["E/W"][ids]
        after = []
        for i, cache in enumerate(caches):
            y, kept = self.looked(f"stack/blocks/{i}/attention", self.normed(x, f"stack/blocks/{i}/norm_1"), t, cache)
            x = x + y
            x = x + self.fed_forward(f"stack/blocks/{i}/feed_forward", self.normed(x, f"stack/blocks/{i}/norm_2"))
            after.append(kept)
        logits = self.normed(x, "stack/final_norm") @ self.weights["output/W"] + self.weights["output/b"]
        return logits, (t + ids.shape[1], after)

    def looked(self, name: str, x: torch.Tensor, t: int, cache: Any) -> tuple[torch.Tensor, Any]:
        """Causal self-attention through the window."""
        q, k, v = ((x @ self.weights[f"{name}/W_{part}"]).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
                   for part in "qkv")                                               # (B, nh, T, d)
        q, k = turned(q, t), turned(k, t)
        if cache is not None:
            k, v = torch.cat((cache[0], k), dim=2), torch.cat((cache[1], v), dim=2)
        K = k.shape[2] - q.shape[2]
        back = K + torch.arange(q.shape[2])[:, None] - torch.arange(k.shape[2])     # (T, K + T): how far a key is
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=(back >= 0) & (back < self.window))
        first = k.shape[2] - (self.window - 1)
        kept = k[:, :, max(first, 0):].detach(), v[:, :, max(first, 0):].detach()
        return y.transpose(1, 2).flatten(2) @ self.weights[f"{name}/W_o"], kept

    def fed_forward(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """SwiGLU."""
        into, gate, back = (self.weights[f"{name}/{part}/W"] for part in ("into", "gate", "back"))
        return (F.silu(x @ into) * (x @ gate)) @ back

    def normed(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """Layer normalisation without a bias."""
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}/gamma"])

    def after_backward(self) -> None:
        """Nothing is redundant here."""

    def write_back(self, ours: Any) -> None:
        """Put these weights into the tinyseq model."""
        ours.load_state_dict({name.replace("/", "."): w.detach().numpy() for name, w in self.weights.items()})


def turned(x: torch.Tensor, t: int) -> torch.Tensor:
    """x (B, nh, T, d), whose first step is t: entries i and i + d/2 turned by an angle that grows with the step."""
    T, d = x.shape[2:]
    a = torch.arange(t, t + T, dtype=torch.float64)[:, None] * BASE ** (torch.arange(d // 2, dtype=torch.float64)
                                                                       * (-2 / d))
    cos, sin = a.cos().to(x.dtype), a.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)
