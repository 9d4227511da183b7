"""PyTorch's side of `npm run bench -- torch-import`.

`images` and `network` write what a person would bring: image files, and a state dict as torch.save writes it.
`compare` makes of the same files what torchvision, PyTorch and Captum make of them, and sets the pixels,
the softmax and the nine maps of the studio beside that.
"""

import argparse
import copy
import json
import os
import pathlib
import warnings

import numpy as np
import torch
import torch_maps
import torchvision
from PIL import Image, ImageOps
from torch import nn
from torchvision.transforms import v2 as transforms

warnings.filterwarnings("ignore")
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLASSES = 10
# A validation image of each class, and its form.
FORMS = [
    ((500, 375), "jpg", "RGB", None),
    ((375, 500), "jpg", "RGB", None),
    ((640, 427), "jpg", "RGB", 6),
    ((231, 310), "png", "RGB", None),
    ((224, 224), "png", "RGBA", None),
    ((300, 260), "jpg", "L", None),
    ((1024, 341), "jpg", "RGB", 3),
    ((180, 240), "png", "P", None),
    ((333, 512), "jpg", "RGB", 8),
    ((90, 120), "png", "L", None),
]


def picture(width, height, random):
    """Blurred colours with an object on them, from nothing but the generator."""
    coarse = random.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(image).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width]
    centre = random.uniform(0.3, 0.7, 2) * (height, width)
    radius = random.uniform(0.15, 0.3) * min(width, height)
    inside = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2
    pixels[inside] = random.integers(0, 256, 3)
    pixels += random.normal(0, 8, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_images(folder, seed):
    random = np.random.default_rng(seed)
    for split in ("train", "validation"):
        for label, (size, ending, mode, orientation) in enumerate(FORMS):
            place = folder / split / f"class-{label}"
            place.mkdir(parents=True)
            image = picture(*size, random)
            if mode == "RGBA":
                image.putalpha(Image.fromarray(np.asarray(image)[..., 0]))
            elif mode == "P":
                image = image.quantize(64)
            elif mode == "L":
                image = image.convert("L")
            exif = Image.Exif()
            if orientation is not None:
                exif[0x0112] = orientation
            image.save(place / f"image.{ending}", exif=exif, **({"quality": 90} if ending == "jpg" else {}))


def network(name):
    """torchvision's, with no activation in place: Captum's hooks need their inputs."""
    net = getattr(torchvision.models, name)(num_classes=CLASSES)
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    return net


def preprocessing(resize, crop):
    return transforms.Compose(
        [
            transforms.Resize(resize),
            transforms.CenterCrop(crop),
            transforms.PILToTensor(),
        ]
    )


def opened(folder, resize, crop):
    """Pixels [N, 3, H, W] of the validation images in the order of their paths, turned upright."""
    fit = preprocessing(resize, crop)
    paths = sorted((folder / "validation").glob("*/*"), key=str)
    return torch.stack([fit(ImageOps.exif_transpose(Image.open(path)).convert("RGB")) for path in paths])


def normalised(pixels):
    of = transforms.Compose(
        [transforms.ToDtype(torch.float32, scale=True), transforms.Normalize(MEAN, STD)]
    )
    return of(pixels)


def leaning(values):
    """How far units lie from 0 on the mean, in standard deviations: half of them to either side.

    A value within rounding of 0 passes a ReLU in one implementation and not in another, in PyTorch's own
    float32 and float64, too: with weights drawn without more ado that moves gradients of a random ResNet50
    by 2e-2. Like those of trained networks, most units here are clearly on or off.
    """
    sign = torch.where(torch.rand_like(values) < 0.5, -1.0, 1.0)
    return torch.empty_like(values).uniform_(1, 2.5) * sign


def settle(module, _inputs, output):
    """Weights and biases of a layer without normalisation, by what it gives for the images."""
    axes = [0, *range(2, output.dim())]
    shape = [1, -1] + [1] * (output.dim() - 2)
    mean, std = output.mean(axes), output.std(axes) + 1e-6
    to = leaning(mean)
    module.weight.div_(std.view(-1, *[1] * (module.weight.dim() - 1)))
    module.bias.sub_(mean).div_(std).add_(to)
    return (output - mean.view(shape)) / std.view(shape) + to.view(shape)


@torch.no_grad()
def make_network(name, folder, seed, side):
    """Random weights, and running statistics of the images."""
    torch.manual_seed(seed)
    net = network(name)
    head = net.fc if hasattr(net, "fc") else net.classifier[-1]
    hooks = []
    net.train()
    for path, module in net.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            # The mean over all batches that it sees.
            module.momentum = None
            module.weight.uniform_(0.5, 1)
            module.bias.copy_(leaning(module.bias))
            # The last of a block adds a little to the shortcut, as it does in trained networks.
            if path.endswith("bn3"):
                module.weight.mul_(0.3)
                module.bias.mul_(0.3)
        elif isinstance(module, nn.Dropout):
            module.eval()
        elif getattr(module, "bias", None) is not None and module is not head:
            hooks.append(module.register_forward_hook(settle))
    inputs = normalised(opened(folder / "images", side, side))
    net(inputs)
    for hook in hooks:
        hook.remove()
    net.eval()
    # Scores spread as those of a trained network do.
    spread = 2 / net(inputs).std()
    head.weight.mul_(spread)
    head.bias.mul_(spread)
    torch.save(net.state_dict(), folder / f"{name}.pth")


def relative(map, reference):
    norm = max(float(np.linalg.norm(reference)), 1e-30)
    return float(np.linalg.norm(map.astype(reference.dtype) - reference) / norm)


def as_array(map):
    """[H, W, C], as the studio has it."""
    return map.permute(1, 2, 0).numpy(force=True)


def compare(name, folder, out, resize, crop, steps, points, doubles):
    """What the studio wrote in `out` beside PyTorch's own, from the image files on.

    The first `doubles` images are explained in float64, too: what either float32 misses of it.
    """
    out = pathlib.Path(out)
    manifest = json.loads((out / "manifest.json").read_text())
    inputs = torch.from_numpy(np.load(out / "inputs.npy")).permute(0, 3, 1, 2)
    count = len(inputs)
    pixels = opened(folder / "images", resize, crop)[:count]
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    seen = ((inputs * std + mean) * 255).round().to(torch.uint8)
    different = int((seen != pixels).sum())
    x = normalised(pixels)
    labels = np.load(out / "labels.npy")
    net = network(name)
    net.load_state_dict(torch.load(folder / f"{name}.pth", weights_only=True))
    net.eval().to(memory_format=torch.channels_last)
    with torch.no_grad():
        theirs = net(x).softmax(1).numpy()
    logits = torch.from_numpy(np.load(out / "logits.npy"))
    ours = logits.softmax(1).numpy()
    noise = torch.from_numpy(np.load(out / "noise.npy")).permute(0, 1, 4, 2, 3)
    double = copy.deepcopy(net).double()
    errors, both = {}, {}
    for image in range(count):
        target = int(labels[image])
        maps = torch_maps.nine_maps(
            net, x[image], target, noise[image].contiguous(), steps, points
        )
        exact = {}
        if image < doubles:
            exact = torch_maps.nine_maps(
                double, x[image].double(), target, noise[image].double(), steps, points
            )
        for method, map in maps.items():
            reference = as_array(map)
            found = np.load(out / f"{method}.npy", mmap_mode="r")[image]
            errors.setdefault(method, []).append(relative(found, reference))
            if method in exact:
                pair = both.setdefault(method, {"ours": [], "theirs": []})
                pair["ours"].append(relative(found, as_array(exact[method])))
                pair["theirs"].append(relative(reference, as_array(exact[method])))
        print(json.dumps({"image": image + 1, "of": count}), flush=True)
    return {
        "images": count,
        "labels": labels.tolist() == list(range(count)),
        "differentPixels": different,
        "pixels": pixels.numel(),
        "inputs": float((inputs - x).abs().max()),
        "softmax": float(np.abs(ours - theirs).max()),
        "top": bool((ours.argmax(1) == theirs.argmax(1)).all()),
        "confidence": float(np.median(theirs.max(1))),
        "maps": errors,
        "double": both,
        "format": manifest["format"],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("do", choices=["images", "network", "compare"])
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--network")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--resize", type=int, default=224)
    parser.add_argument("--out")
    parser.add_argument("--steps", type=int, default=torch_maps.STEPS)
    parser.add_argument("--points", type=int, default=torch_maps.POINTS)
    parser.add_argument("--doubles", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
    if given.do == "images":
        write_images(given.folder / "images", given.seed)
        result = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    elif given.do == "network":
        make_network(given.network, given.folder, given.seed, given.side)
        result = {}
    else:
        result = compare(
            given.network,
            given.folder,
            given.out,
            given.resize,
            given.side,
            given.steps,
            given.points,
            given.doubles,
        )
    print(json.dumps(result), flush=True)


main()
