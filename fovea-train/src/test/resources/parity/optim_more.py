"""Writes optim-more.json, in the form of optim.json: optimizers of timm and schedules of torch that it lacks, in float64.

Run by hand where torch and timm are: python optim_more.py > optim-more.json
"""

import json

import timm
import torch
from timm.optim import AdaBelief, Lars, Lion
from torch import optim
from torch.optim import lr_scheduler

SIZE, STEPS, SCHEDULE_STEPS = 10, 5, 20


def signed(name, first, count):
    """2u - 1, u from the top 24 bits of SplitMix64 after FNV-1a."""
    mask = (1 << 64) - 1
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & mask
    values = []
    for i in range(first, first + count):
        z = (seed + (i + 1) * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        values.append((z >> 40) / (1 << 24) * 2 - 1)
    return values


OPTIMIZERS = [
    ("lars", Lars, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01, "trust_coeff": 0.02}),
    ("lars_without_decay", Lars, {"lr": 0.1, "momentum": 0.9}),
    ("lion", Lion, {"lr": 0.01, "betas": (0.9, 0.99)}),
    ("lion_decay", Lion, {"lr": 0.02, "betas": (0.8, 0.95), "weight_decay": 0.1}),
    ("adabelief", AdaBelief, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8, "rectify": False}),
    ("adabelief_decay", AdaBelief, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1, "rectify": False}),
]

SCHEDULES = [
    ("warm_restarts", lr_scheduler.CosineAnnealingWarmRestarts, {"T_0": 5, "T_mult": 1, "eta_min": 0.0}),
    ("warm_restarts_doubled", lr_scheduler.CosineAnnealingWarmRestarts, {"T_0": 3, "T_mult": 2, "eta_min": 0.001}),
]

# Validation losses of epochs: they fall, stagnate, fall a little and stagnate again.
LOSSES = [1.0, 0.8, 0.79995, 0.81, 0.8, 0.805, 0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.59999, 0.7, 0.7, 0.7, 0.7, 0.7, 0.5, 0.5]
PLATEAUS = [
    ("plateau", {"factor": 0.1, "patience": 2, "threshold": 1e-4, "cooldown": 0, "min_lr": 0.0}),
    ("plateau_cooldown", {"factor": 0.5, "patience": 1, "threshold": 1e-2, "cooldown": 2, "min_lr": 0.002}),
]


def optimizer_case(name, factory, attributes):
    w = torch.tensor(signed("w", 0, SIZE), dtype=torch.float64, requires_grad=True)
    optimizer = factory([w], **attributes)
    weights = []
    for step in range(STEPS):
        w.grad = torch.tensor(signed("g", step * SIZE, SIZE), dtype=torch.float64)
        optimizer.step()
        weights.append(w.detach().tolist())
    return {"name": name, "optimizer": factory.__name__, "attributes": attributes, "weightsAfterStep": weights}


def rates(factory, attributes, losses):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    schedule = factory(optimizer, **attributes)
    result = []
    for loss in losses:
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if loss is None else schedule.step(loss)
    return result


def schedule_case(name, factory, attributes):
    lr = rates(factory, attributes, [None] * SCHEDULE_STEPS)
    return {"name": name, "schedule": factory.__name__, "baseLr": 0.1, "attributes": attributes, "lr": lr}


def plateau_case(name, attributes):
    lr = rates(lr_scheduler.ReduceLROnPlateau, attributes, LOSSES)
    return {"name": name, "baseLr": 0.1, "attributes": attributes, "losses": LOSSES, "lr": lr}


print(json.dumps({
    "format": "parity-optim/1",
    "source": f"torch {torch.__version__.split('+')[0]}, timm {timm.__version__}",
    "optimizers": [optimizer_case(*case) for case in OPTIMIZERS],
    "schedules": [schedule_case(*case) for case in SCHEDULES],
    "plateaus": [plateau_case(*case) for case in PLATEAUS],
}, indent=1))
