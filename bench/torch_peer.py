"""The engine's peer: reads one JSON command a line, answers with one."""

import json
import os
import resource
import sys
import time
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch_maps import captum_workload, nine_maps, single_gradient_maps
from torch_networks import network

warnings.filterwarnings("ignore")
torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
LAYOUTS = {"first": torch.contiguous_format, "last": torch.channels_last}


def memory(key):
    """VmRSS or VmHWM of this process in bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(key):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def relative_error(map, reference):
    """L2 distance of two maps relative to the second."""
    norm = max(np.linalg.norm(reference), 1e-30)
    return float(np.linalg.norm(map.astype(reference.dtype) - reference) / norm)


def summary(errors):
    return {"median": float(np.median(errors)), "worst": max(errors)}


def as_arrays(maps):
    """[H, W, C], as the engine has them."""
    return {name: map.permute(1, 2, 0).numpy(force=True) for name, map in maps.items()}


def reset_peak():
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")


class Peer:
    """`layout` says whether channels come first or last: the faster way depends on the work."""

    def __init__(self):
        self.loaded = memory("VmRSS")

    def setup(self, folder, architecture, classes, stem=None):
        self.form = (architecture, classes, stem)
        self.model = network(*self.form).eval()
        self.model.load_state_dict(load_file(f"{folder}/model.safetensors"))
        inputs = torch.from_numpy(np.load(f"{folder}/inputs.npy"))
        self.inputs = inputs.permute(0, 3, 1, 2).contiguous()
        self.targets = np.load(f"{folder}/targets.npy")
        self.train_images = np.load(f"{folder}/train-images.npy")
        self.train_labels = np.load(f"{folder}/train-labels.npy")
        self.folder = folder
        return {}

    def train(self, batch, steps, layout="first", optimiser="adam"):
        model = network(*self.form).to(memory_format=LAYOUTS[layout])
        model.train()
        if optimiser == "adam":
            steps_by = torch.optim.Adam(model.parameters(), lr=1e-3)
        else:
            steps_by = torch.optim.SGD(
                model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4
            )
        order = torch.randperm(len(self.train_labels)).numpy()
        start = time.perf_counter()
        for step in range(steps):
            places = order[np.arange(step * batch, (step + 1) * batch) % len(order)]
            x = torch.from_numpy(self.train_images[places]).permute(0, 3, 1, 2).float() / 255
            x = x.contiguous(memory_format=LAYOUTS[layout])
            y = torch.from_numpy(self.train_labels[places]).long()
            steps_by.zero_grad(set_to_none=True)
            F.cross_entropy(model(x), y).backward()
            steps_by.step()
        return {"rate": batch * steps / (time.perf_counter() - start)}

    def many(self, count, layout):
        self.model.to(memory_format=LAYOUTS[layout])
        repeats = -(-count // len(self.inputs))
        return self.inputs.repeat(repeats, 1, 1, 1)[:count].contiguous(
            memory_format=LAYOUTS[layout]
        )

    def forward(self, batch, count, layout="first"):
        x = self.many(count, layout)
        start = time.perf_counter()
        with torch.no_grad():
            for first in range(0, count, batch):
                self.model(x[first : first + batch]).numpy()
        return {"rate": count / (time.perf_counter() - start)}

    def gradient(self, batch, count, layout="first"):
        points = self.many(count, layout)
        start = time.perf_counter()
        for first in range(0, count, batch):
            x = points[first : first + batch].clone().requires_grad_(True)
            torch.autograd.grad(self.model(x)[:, 3].sum(), x)[0].numpy()
        return {"rate": count / (time.perf_counter() - start)}

    def nine(self, count, layout="first"):
        inputs = self.many(count, layout)
        start = time.perf_counter()
        captum_workload(self.model, inputs, [int(t) for t in self.targets[:count]])
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
        """L2 error of the engine's map relative to ours, per method and image, in float32.

        `exact` puts both beside PyTorch in float64, where a map rests on one gradient: a ReLU near 0
        that rounding tips shows there, and float32 tips some.
        """
        # Colour images lie channels last, which is faster here.
        layout = "last" if self.inputs.shape[1] > 1 else "first"
        self.model.to(memory_format=LAYOUTS[layout])
        noise = torch.from_numpy(np.load(f"{self.folder}/noise.npy")).permute(0, 1, 4, 2, 3)
        double = network(*self.form).eval()
        double.load_state_dict(self.model.state_dict())
        double = double.double()
        errors, exact = {}, {}
        for index in range(count):
            x, target = self.inputs[index], int(self.targets[index])
            ours = as_arrays(nine_maps(self.model, x, target, noise[index].contiguous()))
            theirs = {
                name: np.load(f"{self.folder}/{name}.npy", mmap_mode="r")[index] for name in ours
            }
            for name, map in ours.items():
                errors.setdefault(name, []).append(relative_error(theirs[name], map))
            for name, map in as_arrays(single_gradient_maps(double, x.double(), target)).items():
                pair = exact.setdefault(name, {"engine": [], "torch": []})
                pair["engine"].append(relative_error(theirs[name], map))
                pair["torch"].append(relative_error(ours[name], map))
        return {
            "errors": {name: summary(values) for name, values in errors.items()},
            "exact": {
                name: {peer: summary(values) for peer, values in pair.items()}
                for name, pair in exact.items()
            },
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
