"""Writes scores.json: metrics of scikit-learn and scipy for scores drawn here, in float64.

Run by hand where scikit-learn and scipy are: python scores.py > scores.json
"""

import json

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from scipy.stats import binomtest
from sklearn import metrics

BINS = 15


def cross_entropy(logits, labels):
    return float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())


def expected_calibration_error(p, labels):
    """Guo et al. 2017, equation 3; a bin is open below and closed above."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += abs(right[inside].mean() - confidence[inside].mean()) * inside.mean()
    return float(error)


def case(name, seed, images, classes, step, one_logit=False):
    """step: logits are its multiples, so that some are equal."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, images)
    logits = rng.normal(size=(images, classes)) * 2 + 2.5 * np.eye(classes)[labels]
    logits = (np.round(logits / step) * step).astype(np.float32)
    if one_logit:
        logits[:, 0] = 0
    p = softmax(logits.astype(np.float64), axis=1)
    first = p - 1e-9 * np.arange(classes)  # of equal scores the first class comes first
    is_class = [labels == c for c in range(classes)]
    fpr, tpr, _ = metrics.roc_curve(is_class[0], p[:, 0], drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(is_class[0], p[:, 0])
    best = minimize_scalar(lambda b: cross_entropy(logits.astype(np.float64) * b, labels), bounds=(0.01, 100), method="bounded",
                           options={"xatol": 1e-12})
    right = int((p.argmax(axis=1) == labels).sum())
    wilson = binomtest(right, images).proportion_ci(0.95, method="wilson")
    return {
        "name": name, "classes": classes, "labels": labels.tolist(),
        "logits": (logits[:, 1] if one_logit else logits).ravel().tolist(),
        "accuracy": right / images, "wilson": [wilson.low, wilson.high],
        "top_2": metrics.top_k_accuracy_score(labels, first, k=2) if classes > 2 else 1.0,
        "macro_f1": metrics.f1_score(labels, p.argmax(axis=1), average="macro"),
        "precision": metrics.precision_score(labels, p.argmax(axis=1), average=None).tolist(),
        "recall": metrics.recall_score(labels, p.argmax(axis=1), average=None).tolist(),
        "loss": cross_entropy(logits.astype(np.float64), labels),
        "ece": expected_calibration_error(p, labels),
        "roc_area": [metrics.roc_auc_score(is_class[c], p[:, c]) for c in range(classes)],
        "average_precision": [metrics.average_precision_score(is_class[c], p[:, c]) for c in range(classes)],
        "roc_of_class_0": [fpr.tolist(), tpr.tolist()],
        "precision_recall_of_class_0": [precision.tolist(), recall.tolist()],
        "temperature": 1 / best.x, "loss_at_temperature": best.fun,
    }


CASES = [
    case("many ties", 1, 80, 3, 0.5),
    case("five classes", 2, 120, 5, 0.001),
    case("one logit", 3, 60, 2, 0.25, one_logit=True),
]
print("{\"cases\": [\n" + ",\n".join(map(json.dumps, CASES)) + "\n]}")
