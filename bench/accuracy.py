"""Trains PyTorch on MNIST to an accuracy, with the network and settings of `TimeToAccuracy`; prints one line of JSON.

  accuracy.py FOLDER SEED THREADS
"""
import gzip
import json
import os
import sys

import numpy
import torch
from torch import nn

from peers import lenet5

TARGET, EPOCHS, BATCH = 0.99, 20, 64


def idx(folder, name):
    """The bytes of an IDX file, plain or gzipped, as an array of its shape."""
    path = os.path.join(folder, name)
    with gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb") as f:
        content = f.read()
    dimensions = content[3]
    shape = [int.from_bytes(content[4 + 4 * i:8 + 4 * i], "big") for i in range(dimensions)]
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * dimensions).reshape(shape)


def part(folder, name):
    images = torch.tensor(idx(folder, name + "-images-idx3-ubyte"), dtype=torch.float32).unsqueeze(1)
    return (images / 255 - 0.1307) / 0.3081, torch.tensor(idx(folder, name + "-labels-idx1-ubyte"), dtype=torch.long)


def main():
    folder, seed, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    (x, y), (test_x, test_y) = part(folder, "train"), part(folder, "t10k")
    model, loss = lenet5(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.02, 0.9)
    epochs, accuracy = 0, 0.0
    while accuracy < TARGET and epochs < EPOCHS:
        for chosen in torch.randperm(len(y)).split(BATCH):
            optimizer.zero_grad()
            loss(model(x[chosen]), y[chosen]).backward()
            optimizer.step()
        epochs += 1
        with torch.inference_mode():
            correct = sum((model(a).argmax(1) == b).sum().item() for a, b in zip(test_x.split(500), test_y.split(500)))
        accuracy = correct / len(test_y)
    print(json.dumps({"seed": seed, "reached": accuracy >= TARGET, "epochs": epochs}))


if __name__ == "__main__":
    main()
