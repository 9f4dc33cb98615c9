"""Writes metrics.json: metrics of several labels and of numbers, as scikit-learn computes them in float64.

Run by hand where scikit-learn is: python metrics.py > metrics.json
"""

import json

import numpy as np
import sklearn
from sklearn import metrics as m

rng = np.random.default_rng(5)
N, K = 60, 4
truth = (rng.random((N, K)) < [0.5, 0.2, 0.05, 0.7]).astype(int)
logits = np.round((truth * 2 - 1 + rng.normal(0, 1.8, (N, K))) * 2) / 2  # many equal ones
found = (logits >= 0).astype(int)
p = 1 / (1 + np.exp(-logits))
each = m.precision_recall_fscore_support(truth, found, zero_division=0)
labels = {
    "truth": truth.flatten().tolist(),
    "logits": logits.flatten().tolist(),
    "precision": each[0].tolist(),
    "recall": each[1].tolist(),
    "f1": each[2].tolist(),
    "average_precision": m.average_precision_score(truth, p, average=None).tolist(),
    "mean_average_precision": m.average_precision_score(truth, p, average="macro"),
    "macro_f1": m.f1_score(truth, found, average="macro"),
    "micro_f1": m.f1_score(truth, found, average="micro"),
    "micro_precision": m.precision_score(truth, found, average="micro"),
    "micro_recall": m.recall_score(truth, found, average="micro"),
    "exact_match": m.accuracy_score(truth, found),
    "loss": float(np.mean(np.logaddexp(0, logits) - truth * logits)),
}
value = np.round(rng.normal([100, -3], [20, 0.5], (N, 2)), 4)
predicted = np.round(value + rng.normal([2, 0.1], [5, 0.2], (N, 2)), 4)
numbers = {
    "truth": value.flatten().tolist(),
    "predicted": predicted.flatten().tolist(),
    "mean_absolute_error": m.mean_absolute_error(value, predicted, multioutput="raw_values").tolist(),
    "root_mean_squared_error": m.root_mean_squared_error(value, predicted, multioutput="raw_values").tolist(),
    "r2": m.r2_score(value, predicted, multioutput="raw_values").tolist(),
    "mean_r2": m.r2_score(value, predicted),
}
print(json.dumps({"sklearn": sklearn.__version__, "labels": labels, "numbers": numbers}, indent=1))
