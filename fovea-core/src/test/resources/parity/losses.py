"""Writes losses.json: losses of several labels and of numbers with their gradients, as PyTorch computes them in float64.

Run by hand where torch is: python losses.py > losses.json
"""

import json

import torch
from torch.nn import functional as F

torch.manual_seed(3)
SHAPE = (4, 3)
outputs = (torch.randn(SHAPE, dtype=torch.float64) * 3).round(decimals=3)
outputs[0, 0], outputs[1, 1] = 40, -40  # their exponentials overflow in float32 if they are not avoided
labels = (torch.rand(SHAPE) < 0.4).to(torch.float64)
numbers = (torch.randn(SHAPE, dtype=torch.float64)).round(decimals=3)
weights = torch.tensor([1.0, 2.5, 0.5], dtype=torch.float64)

LOSSES = {
    "bce": lambda z: F.binary_cross_entropy_with_logits(z, labels),
    "bce_weighted": lambda z: F.binary_cross_entropy_with_logits(z, labels, pos_weight=weights),
    "mse": lambda z: F.mse_loss(z, numbers),
    "l1": lambda z: F.l1_loss(z, numbers),
    "smooth_l1": lambda z: F.smooth_l1_loss(z, numbers),
    "smooth_l1_beta_2": lambda z: F.smooth_l1_loss(z, numbers, beta=2.0),
    "huber": lambda z: F.huber_loss(z, numbers),
}

rows = []
for name, loss in LOSSES.items():
    z = outputs.clone().requires_grad_()
    value = loss(z)
    value.backward()
    rows.append({"name": name, "loss": value.item(), "gradient": z.grad.flatten().tolist()})

print(json.dumps({
    "torch": torch.__version__,
    "outputs": outputs.flatten().tolist(),
    "labels": labels.flatten().tolist(),
    "numbers": numbers.flatten().tolist(),
    "weights": weights.tolist(),
    "losses": rows,
}, indent=1))
