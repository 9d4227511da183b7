"""The engine's peer: reads one JSON command a line, answers with one."""

import json
import os
import resource
import sys
import time
import warnings

import numpy as np
import torch
from safetensors.torch import load_file
from torch_maps import captum_workload, nine_maps, single_gradient_maps
from torch_networks import network
from torch_ways import LAYOUTS, Ways

warnings.filterwarnings("ignore")
torch.set_num_threads(int(os.environ["BENCH_THREADS"]))


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


def as_arrays(maps):
    """[H, W, C], as the engine has them."""
    return {name: map.permute(1, 2, 0).numpy(force=True) for name, map in maps.items()}


def reset_peak():
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")


class Peer:
    """`way` says how PyTorch runs the network (torch_ways.py): the fastest depends on the work."""

    def __init__(self):
        self.loaded = memory("VmRSS")
        self.warmed = set()

    def setup(self, folder, architecture, classes, stem=None, maps=None):
        self.form = (architecture, classes, stem)
        self.sizes = (maps["n"], maps["steps"]) if maps else (15, 50)
        weights = load_file(f"{folder}/model.safetensors")
        self.ways = Ways(lambda: network(*self.form), weights)
        inputs = torch.from_numpy(np.load(f"{folder}/inputs.npy"))
        self.inputs = inputs.permute(0, 3, 1, 2).contiguous()
        self.targets = np.load(f"{folder}/targets.npy")
        self.train_images = np.load(f"{folder}/train-images.npy")
        self.train_labels = np.load(f"{folder}/train-labels.npy")
        self.folder = folder
        return {}

    def rate(self, count, work, *way):
        """Things a second. What a way does first, compiling above all, is not counted."""
        if way not in self.warmed:
            work()
            self.warmed.add(way)
        start = time.perf_counter()
        work()
        return {"rate": count / (time.perf_counter() - start)}

    def train(self, batch, steps, layout="first", mode="eager", optimiser="adam"):
        step = self.ways.step(layout, mode, optimiser)
        order = torch.randperm(len(self.train_labels)).numpy()

        def work():
            for number in range(steps):
                places = order[np.arange(number * batch, (number + 1) * batch) % len(order)]
                x = torch.from_numpy(self.train_images[places]).permute(0, 3, 1, 2).float() / 255
                x = x.contiguous(memory_format=LAYOUTS[layout])
                step(x, torch.from_numpy(self.train_labels[places]).long())

        return self.rate(batch * steps, work, "train", batch, layout, mode)

    def many(self, count, layout):
        repeats = -(-count // len(self.inputs))
        return self.inputs.repeat(repeats, 1, 1, 1)[:count].contiguous(
            memory_format=LAYOUTS[layout]
        )

    def forward(self, batch, count, layout="first", mode="eager"):
        x = self.many(count, layout)
        model = self.ways.run(layout, mode)

        def work():
            with torch.no_grad():
                for first in range(0, count, batch):
                    model(x[first : first + batch]).numpy()

        return self.rate(count, work, "forward", batch, layout, mode)

    def gradient(self, batch, count, layout="first", mode="eager"):
        # One batch again and again, as the engine does it.
        points = self.many(batch, layout)
        model = self.ways.run(layout, mode)
        batches = -(-count // batch)

        def work():
            for _ in range(batches):
                x = points.clone().requires_grad_(True)
                torch.autograd.grad(model(x)[:, 3].sum(), x)[0].numpy()

        return self.rate(batches * batch, work, "gradient", batch, layout, mode)

    def nine(self, count, batch=None, layout="first", mode="eager"):
        inputs = self.many(count, layout)
        targets = [int(target) for target in self.targets[:count]]
        # Guided backpropagation hooks the modules, which a compiled network no longer asks.
        hooked, run = self.ways.model(layout), self.ways.run(layout, mode)
        return self.rate(
            count,
            lambda: captum_workload(hooked, run, inputs, targets, self.sizes, batch),
            *("nine", batch, layout, mode),
        )

    def map(self, layout="first", mode="eager"):
        """The scores of one image and its gradient."""
        image = self.many(1, layout)
        model = self.ways.run(layout, mode)

        def work():
            with torch.no_grad():
                model(image).numpy()
            x = image.clone().requires_grad_(True)
            torch.autograd.grad(model(x)[:, 3].sum(), x)[0].numpy()

        return self.rate(1, work, "map", layout, mode)

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

        `double` puts both beside PyTorch in float64, where a map rests on one gradient: a ReLU near
        0 that rounding tips shows there.
        """
        # Colour images lie channels last, which is faster here.
        layout = "last" if self.inputs.shape[1] > 1 else "first"
        model = self.ways.model(layout)
        noise = torch.from_numpy(np.load(f"{self.folder}/noise.npy")).permute(0, 1, 4, 2, 3)
        double = network(*self.form).eval()
        double.load_state_dict(model.state_dict())
        double = double.double()
        errors, both = {}, {}
        for index in range(count):
            x, target = self.inputs[index], int(self.targets[index])
            ours = as_arrays(nine_maps(model, x, target, noise[index].contiguous(), self.sizes[1]))
            theirs = {
                name: np.load(f"{self.folder}/{name}.npy", mmap_mode="r")[index] for name in ours
            }
            for name, map in ours.items():
                errors.setdefault(name, []).append(relative_error(theirs[name], map))
            for name, map in as_arrays(single_gradient_maps(double, x.double(), target)).items():
                pair = both.setdefault(name, {"engine": [], "torch": []})
                pair["engine"].append(relative_error(theirs[name], map))
                pair["torch"].append(relative_error(ours[name], map))
        return {"errors": errors, "double": both}


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
