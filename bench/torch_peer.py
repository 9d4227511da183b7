"""PyTorch + Captum as the engine's peer: reads one JSON command a line, answers with one.

The model is Fig. 1 of the paper. Every method is called as Captum's documentation shows; the two
that Captum has no class for (the path integrals of SmoothGrad and of guided backpropagation) are
sums of its attributions over the same quadrature.
"""

import json
import os
import resource
import sys
import time
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from captum.attr import (
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    NoiseTunnel,
    Saliency,
)
from safetensors.torch import load_file
from torch import nn

warnings.filterwarnings("ignore")
torch.set_num_threads(int(os.environ["BENCH_THREADS"]))

SAMPLES, SIGMA, STEPS = 15, 0.15, 50


class MnistCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.selu1 = nn.SELU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.selu2 = nn.SELU()
        self.pool2 = nn.MaxPool2d(2)
        self.linear1 = nn.Linear(3136, 128)
        self.selu3 = nn.SELU()
        self.dropout = nn.Dropout(0.5)
        self.linear2 = nn.Linear(128, 10)

    def forward(self, x):
        x = self.pool1(self.selu1(self.conv1(x)))
        x = self.pool2(self.selu2(self.conv2(x)))
        x = x.reshape(x.size(0), -1)
        return self.linear2(self.dropout(self.selu3(self.linear1(x))))


def legendre(steps):
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return (nodes + 1) / 2, weights / 2


def memory(key):
    """VmRSS or VmHWM of this process in bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(key):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def reset_peak():
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")


class GuidedSelu:
    """Eq. 4 at every activation: the signal passes where f > 0 and R > 0."""

    def __init__(self, model):
        self.hooks = []
        for module in model.modules():
            if isinstance(module, nn.SELU):
                self.hooks.append(module.register_forward_hook(self.keep))
                self.hooks.append(module.register_full_backward_hook(self.gate))

    def keep(self, module, _inputs, output):
        module.kept = output.detach()

    def gate(self, module, grad_input, grad_output):
        return (grad_input[0] * (module.kept > 0) * (grad_output[0] > 0),)

    def remove(self):
        for hook in self.hooks:
            hook.remove()


def gradients(model, points, target, batch=250):
    parts = []
    for start in range(0, len(points), batch):
        x = points[start : start + batch].clone().requires_grad_(True)
        score = model(x)[:, target].sum()
        parts.append(torch.autograd.grad(score, x)[0])
    return torch.cat(parts)


def nine_maps(model, x, target, noise):
    """All nine raw attributions of one image [1, H, W] by the definitions, with given noise."""
    nodes, weights = legendre(STEPS)
    nodes = torch.tensor(nodes, dtype=x.dtype).view(-1, 1, 1, 1)
    weights = torch.tensor(weights, dtype=x.dtype).view(-1, 1, 1, 1)
    base = x[None]

    def base_methods(suffix=""):
        plain = gradients(model, base, target)[0]
        noisy = base + noise
        smooth = gradients(model, noisy, target).mean(0)
        integrated = x * (weights * gradients(model, nodes * base, target)).sum(0)
        return plain, smooth, integrated

    plain, smooth, integrated = base_methods()
    shifted = []
    for sample in noise:
        end = base + sample
        shifted.append(end[0] * (weights * gradients(model, nodes * end, target)).sum(0))
    path = (nodes * base)[:, None] + noise[None]
    inner = gradients(model, path.reshape(-1, *x.shape), target)
    inner = inner.reshape(STEPS, len(noise), *x.shape).mean(1)
    maps = {
        "vanilla-gradient": plain,
        "grad-x-input": x * plain,
        "smoothgrad": smooth,
        "integrated-gradients": integrated,
        "smoothed-integrated-gradients": torch.stack(shifted).mean(0),
        "integrated-smoothgrad": x * (weights * inner).sum(0),
    }
    guided = GuidedSelu(model)
    plain, smooth, integrated = base_methods()
    guided.remove()
    maps["guided-backprop"] = plain
    maps["smoothed-guided-backprop"] = smooth
    maps["integrated-guided-backprop"] = integrated
    return maps


def captum_workload(model, images, targets):
    """The nine methods for each image, through Captum's own classes."""
    saliency = Saliency(model)
    guided = GuidedBackprop(model)
    integrated = IntegratedGradients(model)
    nodes, weights = legendre(STEPS)
    nodes = torch.tensor(nodes, dtype=torch.float32).view(-1, 1, 1, 1)
    weights = torch.tensor(weights, dtype=torch.float32).view(-1, 1, 1, 1)
    noise = {"nt_type": "smoothgrad", "nt_samples": SAMPLES, "stdevs": SIGMA}
    for x, target in zip(images, targets):
        x = x[None]
        path = (nodes * x).detach()
        saliency.attribute(x, target=target, abs=False)
        InputXGradient(model).attribute(x, target=target)
        NoiseTunnel(saliency).attribute(x, target=target, abs=False, **noise)
        integrated.attribute(x, target=target, n_steps=STEPS, method="gausslegendre")
        guided.attribute(x, target=target)
        NoiseTunnel(integrated).attribute(
            x, target=target, n_steps=STEPS, method="gausslegendre", **noise
        )
        NoiseTunnel(guided).attribute(x, target=target, **noise)
        inner = NoiseTunnel(saliency).attribute(path, target=target, abs=False, **noise)
        (x[0] * (weights * inner).sum(0)).numpy(force=True)
        inner = guided.attribute(path, target=target)
        (x[0] * (weights * inner).sum(0)).numpy(force=True)


class Peer:
    def __init__(self):
        self.model = MnistCnn().eval()
        self.loaded = memory("VmRSS")

    def setup(self, folder):
        self.model.load_state_dict(load_file(f"{folder}/model.safetensors"))
        self.inputs = torch.from_numpy(np.load(f"{folder}/inputs.npy")).permute(0, 3, 1, 2).contiguous()
        self.targets = np.load(f"{folder}/targets.npy")
        self.train_images = np.load(f"{folder}/train-images.npy")
        self.train_labels = np.load(f"{folder}/train-labels.npy")
        self.folder = folder
        return {}

    def train(self, batch, steps):
        model = MnistCnn()
        model.train()
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
        order = torch.randperm(len(self.train_labels)).numpy()
        start = time.perf_counter()
        for step in range(steps):
            places = order[np.arange(step * batch, (step + 1) * batch) % len(order)]
            x = torch.from_numpy(self.train_images[places]).permute(0, 3, 1, 2).float() / 255
            y = torch.from_numpy(self.train_labels[places]).long()
            optimiser.zero_grad(set_to_none=True)
            F.cross_entropy(model(x), y).backward()
            optimiser.step()
        return {"rate": batch * steps / (time.perf_counter() - start)}

    def many(self, count):
        repeats = -(-count // len(self.inputs))
        return self.inputs.repeat(repeats, 1, 1, 1)[:count]

    def forward(self, batch, count):
        x = self.many(count)
        start = time.perf_counter()
        with torch.no_grad():
            for first in range(0, count, batch):
                self.model(x[first : first + batch]).numpy()
        return {"rate": count / (time.perf_counter() - start)}

    def gradient(self, batch, count):
        points = self.many(count)
        start = time.perf_counter()
        for first in range(0, count, batch):
            x = points[first : first + batch].clone().requires_grad_(True)
            torch.autograd.grad(self.model(x)[:, 3].sum(), x)[0].numpy()
        return {"rate": count / (time.perf_counter() - start)}

    def nine(self, count):
        start = time.perf_counter()
        captum_workload(self.model, self.inputs[:count], [int(t) for t in self.targets[:count]])
        return {"rate": count / (time.perf_counter() - start)}

    def peak(self, size):
        """GFLOPS of a square matrix product: what the processor gives."""
        a = torch.rand(size, size)
        b = torch.rand(size, size)
        a @ b
        start = time.perf_counter()
        for _ in range(5):
            a @ b
        return {"gflops": 5 * 2 * size**3 / (time.perf_counter() - start) / 1e9}

    def memory_of(self, what, **options):
        reset_peak()
        getattr(self, what)(**options)
        return {"bytes": memory("VmHWM") - self.loaded}

    def compare(self, count):
        """L2 error of the engine's map relative to ours, per method and image, in float32."""
        noise = torch.from_numpy(np.load(f"{self.folder}/noise.npy")).permute(0, 1, 4, 2, 3)
        errors = {}
        for index in range(count):
            maps = nine_maps(
                self.model, self.inputs[index], int(self.targets[index]), noise[index].contiguous()
            )
            for name, ours in maps.items():
                theirs = np.load(f"{self.folder}/{name}.npy", mmap_mode="r")[index]
                ours = ours.permute(1, 2, 0).numpy(force=True)
                error = np.linalg.norm(theirs - ours) / max(np.linalg.norm(ours), 1e-30)
                errors.setdefault(name, []).append(float(error))
        return {
            "errors": {
                name: {"median": float(np.median(values)), "worst": max(values)}
                for name, values in errors.items()
            }
        }


def main():
    peer = Peer()
    print(json.dumps({"ready": True, "versions": {"torch": torch.__version__}}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        method = command.pop("do")
        try:
            answer = getattr(peer, method)(**command)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
