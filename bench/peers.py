"""Measures PyTorch or ONNX Runtime as `fovea bench` measures Fovea, and prints one line of JSON.

  peers.py torch train resnet18 --batch-size 8 --threads 2 --seconds 10
  peers.py onnxruntime infer resnet18 --batch-size 8 --threads 2 --seconds 10

Always the same random batch; SGD with learning rate 0.001 and momentum 0.9, the loss read back at every step; a warm-up of 0.3 times
the seconds, then five windows, of which the median counts; windows in which other processes took over a tenth of the machine are dropped.
Needs torch, and torchvision, onnx and onnxruntime for the networks and engines of that name. Networks are those of the zoo that
torchvision has, and three defined here.
"""
import argparse
import json
import os
import statistics
import tempfile
import time

import torch
from torch import nn

VISION = {
    "alexnet-torchvision": "alexnet", "googlenet-torchvision": "googlenet", "mobilenet-v2": "mobilenet_v2",
    "vgg16": "vgg16", "resnet18": "resnet18", "resnet50": "resnet50", "densenet121": "densenet121",
}
SMALL = {"lenet5": (1, 28), "vgg-small": (3, 32)}


def torchvision_models():
    """A torchvision for another build of PyTorch lacks operators, which no classifier uses: declaring them is enough."""
    stubs = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        stubs.define(name + "(Tensor dets, Tensor scores, float threshold) -> Tensor")
    torchvision_models.stubs = stubs
    import torchvision.models
    return torchvision.models


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def vgg_small():
    layers, channels = [], 3
    for width in (64, 128, 256):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1), nn.ReLU(),
                   nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4096, 512), nn.ReLU(), nn.Linear(512, 10))


class Fcn8s(nn.Module):
    """Shelhamer et al. 2016, on VGG-16: padding of 100, learned upsampling, crops."""

    def __init__(self, classes=21):
        super().__init__()
        self.blocks, channels = nn.ModuleList(), 3
        for i, (width, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))):
            block = []
            for j in range(count):
                block += [nn.Conv2d(channels, width, 3, padding=100 if i + j == 0 else 1), nn.ReLU(inplace=True)]
                channels = width
            self.blocks.append(nn.Sequential(*block, nn.MaxPool2d(2, ceil_mode=True)))
        self.head = nn.Sequential(
            nn.Conv2d(512, 4096, 7), nn.ReLU(inplace=True), nn.Dropout2d(), nn.Conv2d(4096, 4096, 1), nn.ReLU(inplace=True),
            nn.Dropout2d(), nn.Conv2d(4096, classes, 1))
        self.pool3, self.pool4 = nn.Conv2d(256, classes, 1), nn.Conv2d(512, classes, 1)
        up = lambda kernel, stride: nn.ConvTranspose2d(classes, classes, kernel, stride, bias=False)
        self.up2, self.up4, self.up8 = up(4, 2), up(4, 2), up(16, 8)

    def forward(self, x):
        maps, y = [], x
        for block in self.blocks:
            y = block(y)
            maps.append(y)
        y = self.up2(self.head(y))
        y = self.up4(y + crop(self.pool4(maps[3]), 5, y))
        y = self.up8(y + crop(self.pool3(maps[2]), 9, y))
        return crop(y, 31, x)


def crop(x, at, like):
    return x[:, :, at:at + like.shape[2], at:at + like.shape[3]]


def build(name):
    torch.manual_seed(1)
    if name in VISION:
        more = {"aux_logits": True, "init_weights": True} if name.startswith("googlenet") else {}
        return getattr(torchvision_models(), VISION[name])(weights=None, **more)
    return {"lenet5": lenet5, "vgg-small": vgg_small, "fcn8s": Fcn8s}[name]()


def torch_training(model, x, classes):
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), 0.001, 0.9)
    loss = nn.CrossEntropyLoss()
    with torch.no_grad():
        y = model(x[:1])
        y = y if torch.is_tensor(y) else y.logits
    labels = torch.randint(0, classes, (x.shape[0], *y.shape[2:]))

    def step():
        optimizer.zero_grad()
        out = model(x)
        if torch.is_tensor(out):
            value = loss(out, labels)
        else:
            value = loss(out.logits, labels) + 0.3 * (loss(out.aux_logits1, labels) + loss(out.aux_logits2, labels))
        value.backward()
        optimizer.step()
        assert value.item() == value.item()

    return step


def torch_inference(model, x):
    model.eval()

    def step():
        with torch.inference_mode():
            model(x).sum().item()

    return step


def onnx_inference(model, x, threads):
    import onnxruntime
    model.eval()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.onnx")
        torch.onnx.export(model, x, file, dynamo=False, input_names=["x"], output_names=["y"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    images = x.numpy()
    return lambda: session.run(["y"], {"x": images})


def busy():
    """CPU seconds of the whole machine and of this process."""
    with open("/proc/stat") as f:
        v = [int(t) for t in f.readline().split()[1:9]]
    return (sum(v) - v[3] - v[4]) / os.sysconf("SC_CLK_TCK"), time.process_time()


def measure(step, batch, seconds):
    began = time.perf_counter()
    steps = 0
    while steps < 2 or time.perf_counter() - began < 0.3 * seconds:
        step()
        steps += 1
    windows, dropped, times, start = [], [], [], time.perf_counter()
    while len(windows) < 5 and time.perf_counter() - start < 2 * seconds:
        machine, own = busy()
        window, count = time.perf_counter(), 0
        while count == 0 or time.perf_counter() - window < seconds / 5:
            one = time.perf_counter()
            step()
            times.append(time.perf_counter() - one)
            count += 1
        took = time.perf_counter() - window
        machine, own = busy()[0] - machine, busy()[1] - own
        others = max(0, machine - own) / (took * os.cpu_count())
        (windows if others < 0.1 else dropped).append(batch * count / took)
    disturbed = len(windows) < 3
    rates = windows + dropped if disturbed else windows
    times.sort()
    return {"images_per_s": round(statistics.median(rates), 2), "min": round(min(rates), 2), "max": round(max(rates), 2),
            "ms_p50": round(1e3 * times[len(times) // 2], 3), "ms_p90": round(1e3 * times[len(times) * 9 // 10], 3),
            "windows": len(windows), "windows_dropped": len(dropped), "disturbed": disturbed}


def peak_mib():
    with open("/proc/self/status") as f:
        return next(round(int(line.split()[1]) / 1024) for line in f if line.startswith("VmHWM"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=["torch", "onnxruntime"])
    parser.add_argument("mode", choices=["train", "infer"])
    parser.add_argument("network", choices=sorted([*VISION, *SMALL, "fcn8s"]))
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--input", help="CxHxW (the network's own)")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    channels, side = SMALL.get(a.network, (3, 224))
    shape = [int(n) for n in a.input.split("x")] if a.input else [channels, side, side]
    model = build(a.network)
    x = torch.rand(a.batch_size, *shape)
    classes = 10 if a.network in SMALL else 21 if a.network == "fcn8s" else 1000
    if a.mode == "train":
        step = torch_training(model, x, classes)
    elif a.engine == "torch":
        step = torch_inference(model, x)
    else:
        step = onnx_inference(model, x, a.threads)
    result = measure(step, a.batch_size, a.seconds)
    print(json.dumps({"engine": a.engine, "network": a.network, "mode": a.mode, "batch": a.batch_size, **result,
                      "peak_rss_mib": peak_mib()}))


if __name__ == "__main__":
    main()
