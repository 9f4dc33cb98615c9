"""Writes NETWORK.json: explanations of torchvision's networks, computed in float64 with hooks and autograd functions.

    python explain.py FOLDER_OF_RULE [NETWORK...]        the folder that has rule.py, the rule of weights and inputs

Each map is stored as its norm and some of its values, or as a whole if it has few. Truth is float64.
"""

import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.path.insert(0, sys.argv[1])
import rule  # noqa: E402

try:
    import torchvision.models as models
except RuntimeError:  # torchvision for CUDA beside a PyTorch for CPUs: its operators are not needed, but must be known
    for name in [m for m in sys.modules if m.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        library.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision.models as models

SIDE = 64
SAMPLES = 256
WHOLE = 256
SEED = 1
# Noisy copies for smoothgrad, where gradients differ much.
NOISY = {"googlenet": 4000, "squeezenet1_1": 4000}
# With these weights its noisy gradients have hardly anything in common, and masks hardly change its score: maps of two seeds, 200
# copies each, correlate at 0.05, and those of 2000 and of 8000 masks at 0.87.
WITHOUT_SEEDED = {"mobilenet_v2"}
MASKS = 8000
CELLS = 7
# the network, and the module whose maps are weighted
NETWORKS = {
    "lenet5": "pool2",
    "resnet18": "layer4",
    "vgg11": "features",
    "googlenet": "inception5b",
    "densenet121": "features",
    "mobilenet_v2": "features",
    "squeezenet1_1": "features",
}
EPSILON = 1e-6
GAMMA = 0.25


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.pool1, self.pool2 = nn.MaxPool2d(2), nn.MaxPool2d(2)

    def forward(self, x):
        x = self.pool2(F.relu(self.conv2(self.pool1(F.relu(self.conv1(x))))))
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


def shape_of(name):
    return (1, 1, 28, 28) if name == "lenet5" else (1, 3, SIDE, SIDE)


def network(name):
    options = {"aux_logits": False, "init_weights": False, "transform_input": False} if name == "googlenet" else {}
    net = LeNet5() if name == "lenet5" else getattr(models, name)(weights=None, **options)
    for key, tensor in list(net.named_parameters()) + list(net.named_buffers()):
        if key.endswith("num_batches_tracked"):
            continue
        module = net.get_submodule(key.rsplit(".", 1)[0])
        leaf = key.rsplit(".", 1)[1]
        shape = tuple(tensor.shape)
        if leaf == "bias":
            values = rule.values("bias", key, shape)
        elif isinstance(module, nn.BatchNorm2d):
            values = rule.values("scale" if leaf == "weight" else leaf, key, shape)
        else:
            kind = "conv" if isinstance(module, nn.Conv2d) else "linear"
            values = rule.values(kind, key, shape, math.prod(shape[1:]))
        tensor.data = torch.from_numpy(values.reshape(shape).copy())
    return net.double().eval()


class Rectifier(torch.autograd.Function):
    """ReLU and ReLU6 with a backward pass of choice."""

    mode = "derivative"

    @staticmethod
    def forward(ctx, x, cap):
        y = x.clamp(min=0, max=cap)
        ctx.passes = (x > 0) & (x < math.inf if cap is None else x < cap)
        return y

    @staticmethod
    def backward(ctx, grad):
        if Rectifier.mode == "relevance":
            return grad, None
        if Rectifier.mode == "deconvnet":
            return grad.clamp(min=0), None
        if Rectifier.mode == "guided":
            grad = grad.clamp(min=0)
        return grad * ctx.passes, None


def vjp(function, x, grad):
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        return torch.autograd.grad(function(x), x, grad)[0]


def quotient(relevance, z):
    return relevance / (z + torch.where(z < 0, -EPSILON, EPSILON))


class Weighted(torch.autograd.Function):
    """A convolution or a linear layer that hands back relevance by a rule."""

    mode = "epsilon"

    @staticmethod
    def forward(ctx, x, op, w, b, convolution, first):
        ctx.save_for_backward(x)
        ctx.op, ctx.w, ctx.b, ctx.convolution, ctx.first = op, w, b, convolution, first
        return op(x, w, b)

    @staticmethod
    def backward(ctx, relevance):
        (x,) = ctx.saved_tensors
        op, w, b = ctx.op, ctx.w, ctx.b
        plus = lambda t: None if t is None else t.clamp(min=0)
        minus = lambda t: None if t is None else t.clamp(max=0)
        mode = Weighted.mode
        if mode == "composite":
            mode = "box" if ctx.first else "gamma" if ctx.convolution else "epsilon"
        share = lambda a, v, s: a * vjp(lambda t: op(t, v, None), a, s)
        if mode == "epsilon":
            result = share(x, w, quotient(relevance, op(x, w, b)))
        elif mode == "gamma":
            z = op(x, w, b)
            result = 0
            for signed, of, other in ((z >= 0, plus, minus), (z < 0, minus, plus)):
                more = lambda t, part: None if t is None else t + GAMMA * part(t)
                total = op(plus(x), more(w, of), more(b, of)) + op(minus(x), more(w, other), None)
                s = quotient(relevance * signed, total)
                result = result + share(plus(x), more(w, of), s) + share(minus(x), more(w, other), s)
        elif mode == "zplus":
            s = quotient(relevance, op(plus(x), plus(w), plus(b)) + op(minus(x), minus(w), None))
            result = share(plus(x), plus(w), s) + share(minus(x), minus(w), s)
        else:
            low, high = torch.zeros_like(x), torch.ones_like(x)
            s = quotient(relevance, op(x, w, None) - op(low, plus(w), None) - op(high, minus(w), None))
            result = share(x, w, s) - share(low, plus(w), s) - share(high, minus(w), s)
        return result, None, None, None, None, None


class Linear(torch.autograd.Function):
    """A function that is linear but for a constant, by the epsilon rule."""

    @staticmethod
    def forward(ctx, x, function):
        ctx.save_for_backward(x)
        ctx.function = function
        return function(x)

    @staticmethod
    def backward(ctx, relevance):
        (x,) = ctx.saved_tensors
        return x * vjp(ctx.function, x, quotient(relevance, ctx.function(x))), None


class Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a + b

    @staticmethod
    def backward(ctx, relevance):
        a, b = ctx.saved_tensors
        s = quotient(relevance, a + b)
        return a * s, b * s


adaptive_pool, average_pool = F.adaptive_avg_pool2d, F.avg_pool2d
BLOCKS = {block: block.forward for block in (models.resnet.BasicBlock, models.mobilenetv2.InvertedResidual)}


def propagate_relevance(net):
    """Replaces what the modules do by functions whose backward pass is relevance propagation."""
    fold(net)
    first = next(m for m in net.modules() if isinstance(m, nn.Conv2d))
    for module in net.modules():
        forward = forward_of(module, module is first)
        if forward is not None:
            module.forward = forward
    F.adaptive_avg_pool2d = lambda x, size: Linear.apply(x, lambda t: adaptive_pool(t, size))

    def basic_block(self, x):
        y = self.conv2(self.relu(self.conv1(x)))
        return self.relu(Sum.apply(y, x if self.downsample is None else self.downsample(x)))

    models.resnet.BasicBlock.forward = basic_block
    models.mobilenetv2.InvertedResidual.forward = lambda self, x: (
        Sum.apply(x, self.conv(x)) if self.use_res_connect else self.conv(x))


def fold(module):
    """Batch normalisations directly behind a convolution."""
    children = list(module.named_children())
    for (a, conv), (b, norm) in zip(children, children[1:]):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(module, a, fuse_conv_bn_eval(conv, norm))
            setattr(module, b, nn.Identity())
    for _, child in module.named_children():
        fold(child)


def forward_of(m, first):
    if isinstance(m, nn.Conv2d):
        op = lambda x, w, b: F.conv2d(x, w, b, m.stride, m.padding, m.dilation, m.groups)
    elif isinstance(m, nn.Linear):
        op = F.linear
    elif isinstance(m, nn.BatchNorm2d):
        return lambda x: Linear.apply(x, lambda t: F.batch_norm(
            t, m.running_mean, m.running_var, m.weight.detach(), m.bias.detach(), False, 0, m.eps))
    elif isinstance(m, nn.AdaptiveAvgPool2d):
        return lambda x: Linear.apply(x, lambda t: adaptive_pool(t, m.output_size))
    elif isinstance(m, nn.AvgPool2d):
        return lambda x: Linear.apply(x, lambda t: average_pool(t, m.kernel_size, m.stride, m.padding))
    else:
        return None
    bias = None if m.bias is None else m.bias.detach()
    return lambda x: Weighted.apply(x, op, m.weight.detach(), bias, isinstance(m, nn.Conv2d), first)


def relu(a):
    return np.maximum(a, 0)


def class_activation_maps(net, name, x, c):
    kept = {}

    def keep(module, inputs, output):
        kept["maps"] = output
        output.retain_grad()

    hook = net.get_submodule(NETWORKS[name]).register_forward_hook(keep)
    if name == "densenet121":  # its last maps are those of a function, not of a module
        kept["maps"] = F.relu(net.features(x)).detach().requires_grad_(True)
        net.classifier(adaptive_pool(kept["maps"], 1).flatten(1))[0, c].backward()
    else:
        net(x)[0, c].backward()
    hook.remove()
    maps, grad = kept["maps"].detach().numpy()[0], kept["maps"].grad.numpy()[0]
    divisor = 2 * grad**2 + maps.sum((1, 2))[:, None, None] * grad**3
    alpha = np.divide(grad**2, divisor, out=np.zeros_like(divisor), where=divisor != 0)
    weighted = lambda w: relu((w * maps).sum(0))
    result = {
        "grad-cam": weighted(grad.mean((1, 2))[:, None, None]),
        "grad-cam++": weighted((alpha * relu(grad)).sum((1, 2))[:, None, None]),
        "hires-cam": weighted(grad),
        "layer-cam": weighted(relu(grad)),
    }
    with torch.no_grad():
        up = F.interpolate(torch.from_numpy(maps)[:, None], size=x.shape[2:], mode="bilinear", align_corners=False)
        low, high = up.amin((2, 3), keepdim=True), up.amax((2, 3), keepdim=True)
        mask = (up - low) / torch.where(high > low, high - low, 1)
        scores = torch.cat([net(x * mask[i:i + 16])[:, c] for i in range(0, len(mask), 16)])
        result["score-cam"] = weighted(torch.softmax(scores, 0).numpy()[:, None, None])
    return result


def occlusion(net, x, c, window=16, stride=8):
    side = x.shape[2]
    starts = [min(side - window, i * stride) for i in range(1 + math.ceil((side - window) / stride))]
    falls, covers = np.zeros((side, side)), np.zeros((side, side))
    with torch.no_grad():
        score = net(x)[0, c].item()
        for top in starts:
            for left in starts:
                hidden = x.clone()
                hidden[:, :, top:top + window, left:left + window] = 0
                falls[top:top + window, left:left + window] += score - net(hidden)[0, c].item()
                covers[top:top + window, left:left + window] += 1
    return falls / covers


def rise(net, x, c):
    """With the mean over the masks' own sum: each pixel's mean score while it is visible."""
    random = torch.Generator().manual_seed(SEED)
    side = x.shape[2]
    cell = math.ceil(side / CELLS)
    total, visible = np.zeros((side, side)), np.zeros((side, side))
    with torch.no_grad():
        for _ in range(MASKS // 50):
            grid = (torch.rand(50, 1, CELLS + 1, CELLS + 1, generator=random) < 0.5).double()
            large = F.interpolate(grid, scale_factor=cell, mode="bilinear", align_corners=False)
            shifts = torch.randint(0, cell, (50, 2), generator=random).tolist()
            masks = torch.stack([large[i, :, a:a + side, b:b + side] for i, (a, b) in enumerate(shifts)])
            scores = net(x * masks)[:, c]
            total += (scores[:, None, None] * masks[:, 0]).sum(0).numpy()
            visible += masks[:, 0].sum(0).numpy()
    return total / visible


def explanations(name):
    net = network(name)
    shape = shape_of(name)
    image = rule.values("signed", "input", shape).reshape(shape)
    x = torch.from_numpy(image).double()
    with torch.no_grad():
        output = net(x)
    c = output[0].argmax().item()
    score = output[0, c].item()

    def gradient(at, seed=None):
        at = at.clone().requires_grad_(True)
        outputs = net(at)
        weights = torch.zeros_like(outputs)
        weights[0, c] = 1 if seed is None else seed
        return torch.autograd.grad(outputs, at, weights)[0][0].numpy()

    saliency = gradient(x)
    path = sum(gradient(x * ((k + 0.5) / 50)) for k in range(50)) / 50
    maps = {"saliency": saliency, "gradient-x-input": saliency * image[0], "integrated-gradients": path * image[0]}
    random = torch.Generator().manual_seed(SEED)
    std = 0.15 * (image.max() - image.min())
    if name not in WITHOUT_SEEDED:
        copies = NOISY.get(name, 500)
        noisy = (x + std * torch.randn(shape, generator=random).double() for _ in range(copies))
        maps["smoothgrad"] = sum(gradient(each) for each in noisy) / copies
        maps["rise"] = rise(net, x, c)
    for mode, key in (("guided", "guided-backprop"), ("deconvnet", "deconvnet")):
        Rectifier.mode = mode
        maps[key] = gradient(x)
    Rectifier.mode = "derivative"
    maps.update(class_activation_maps(net, name, x, c))
    maps["occlusion"] = occlusion(net, x, c)
    propagate_relevance(net)
    Rectifier.mode = "relevance"
    for Weighted.mode in ("epsilon", "gamma", "zplus", "composite"):
        maps["lrp " + Weighted.mode] = gradient(x, score)
    Rectifier.mode = "derivative"
    F.adaptive_avg_pool2d = adaptive_pool
    for block, forward in BLOCKS.items():
        block.forward = forward
    return {"network": name, "input": list(shape), "class": c, "score": score,
            "maps": {key: stored(np.asarray(value, dtype=np.float64)) for key, value in maps.items()}}


def stored(values):
    flat = values.reshape(-1)
    if flat.size > WHOLE:
        bits = rule.bits24("sample", 0, SAMPLES)
        flat = flat[((bits * np.uint64(flat.size)) >> np.uint64(24)).astype(np.int64)]
    return {"shape": list(values.shape), "norm": float(np.linalg.norm(values)), "largest": float(np.abs(values).max()),
            "values": [float(f"{v:.9e}") for v in flat]}


F.relu = lambda x, inplace=False: Rectifier.apply(x, None)
nn.ReLU.forward = lambda self, x: Rectifier.apply(x, None)
nn.ReLU6.forward = lambda self, x: Rectifier.apply(x, 6.0)
for each in sys.argv[2:] or NETWORKS:
    with open(each + ".json", "w") as file:
        json.dump(explanations(each), file)
        file.write("\n")
    print(each)
