"""Every operator as plain loops over bits and numbers: the definitions, never fast.

Each function does one thing the way its definition says it. Faster ways are compared with these.

- `words`: packing, `lookup`, `sumbin`, `predictionFilter`
- `signs`: im2col and its inverse, convolutions of signs, limits, pools
- `reals`: the first layer, batch norms, residual sums, signs, logits
- `fold`: limits from parameters
- `network`: a whole graph
"""

from __future__ import annotations

from nn_ops.reference.network import run, trace, values_of

__all__ = ["run", "trace", "values_of"]
