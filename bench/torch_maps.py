"""The nine methods: by their definitions with given noise, and as Captum's documentation shows them.

The two that Captum has no class for (the path integrals of SmoothGrad and of guided
backpropagation) are sums of its attributions over the same quadrature.
"""

import numpy as np
import torch
from captum.attr import (
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    NoiseTunnel,
    Saliency,
)
from torch import nn

SIGMA = 0.15
# Of the path integrals, and points in one backward pass at most.
STEPS = 50
POINTS = 250
# Values of images in one backward pass of the comparison: 250 points of 64x64 in colour.
VALUES = 250 * 64 * 64 * 3


def legendre(steps):
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return (nodes + 1) / 2, weights / 2


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


def batches(points, work, most=POINTS):
    size = min(most, max(1, VALUES // points[0].numel()))
    return torch.cat([work(points[at : at + size]) for at in range(0, len(points), size)])


def gradients(model, points, target, most=POINTS):
    def work(part):
        x = part.clone().requires_grad_(True)
        return torch.autograd.grad(model(x)[:, target].sum(), x)[0]

    return batches(points, work, most)


def guided_gradients(model, points, target, most=POINTS):
    """Captum's own where every activation is a ReLU; on SELU it would gate nothing."""
    if any(isinstance(module, nn.SELU) for module in model.modules()):
        guided = GuidedSelu(model)
        result = gradients(model, points, target, most)
        guided.remove()
        return result
    guided = GuidedBackprop(model)
    return batches(
        points, lambda part: guided.attribute(part.clone(), target=target).detach(), most
    )


def single_gradient_maps(model, x, target):
    """The maps of one image [C, H, W] that rest on one gradient, in x's precision."""
    plain = gradients(model, x[None], target)[0]
    guided = guided_gradients(model, x[None], target)[0]
    return {"vanilla-gradient": plain, "grad-x-input": x * plain, "guided-backprop": guided}


def nine_maps(model, x, target, noise, steps=STEPS, most=POINTS):
    """All nine raw attributions of one image [C, H, W] by the definitions, with given noise.

    `most` is how many points go through the network at once.
    """
    nodes, weights = legendre(steps)
    nodes = torch.tensor(nodes, dtype=x.dtype).view(-1, 1, 1, 1)
    weights = torch.tensor(weights, dtype=x.dtype).view(-1, 1, 1, 1)
    base = x[None]

    def base_methods(of):
        plain = of(model, base, target, most)[0]
        smooth = of(model, base + noise, target, most).mean(0)
        integrated = x * (weights * of(model, nodes * base, target, most)).sum(0)
        return plain, smooth, integrated

    plain, smooth, integrated = base_methods(gradients)
    shifted = []
    for sample in noise:
        end = base + sample
        along = gradients(model, nodes * end, target, most)
        shifted.append(end[0] * (weights * along).sum(0))
    path = (nodes * base)[:, None] + noise[None]
    inner = gradients(model, path.reshape(-1, *x.shape), target, most)
    inner = inner.reshape(steps, len(noise), *x.shape).mean(1)
    maps = {
        "vanilla-gradient": plain,
        "grad-x-input": x * plain,
        "smoothgrad": smooth,
        "integrated-gradients": integrated,
        "smoothed-integrated-gradients": torch.stack(shifted).mean(0),
        "integrated-smoothgrad": x * (weights * inner).sum(0),
    }
    plain, smooth, integrated = base_methods(guided_gradients)
    maps["guided-backprop"] = plain
    maps["smoothed-guided-backprop"] = smooth
    maps["integrated-guided-backprop"] = integrated
    return maps


def captum_workload(hooked, run, images, targets, sizes, points=None):
    """The nine methods for each image, through Captum's own classes.

    `hooked` is the network for guided backpropagation, `run` the same for all else; `sizes` are how
    many samples of noise and steps of a path; `points` is how many go through it at once, default all
    that a method has.
    """
    count, steps = sizes
    saliency = Saliency(run)
    guided = GuidedBackprop(hooked)
    integrated = IntegratedGradients(run)
    nodes, weights = legendre(steps)
    nodes = torch.tensor(nodes, dtype=torch.float32).view(-1, 1, 1, 1)
    weights = torch.tensor(weights, dtype=torch.float32).view(-1, 1, 1, 1)
    noise = {"nt_type": "smoothgrad", "nt_samples": count, "stdevs": SIGMA}
    # A sample of noise on the whole path is as many points as the path has.
    samples = None if points is None else max(1, points // steps)
    on_path = {**noise, "nt_samples_batch_size": samples}
    quadrature = {"n_steps": steps, "method": "gausslegendre"}
    for x, target in zip(images, targets):
        x = x[None]
        path = (nodes * x).detach()
        saliency.attribute(x, target=target, abs=False)
        InputXGradient(run).attribute(x, target=target)
        NoiseTunnel(saliency).attribute(x, target=target, abs=False, **noise)
        integrated.attribute(x, target=target, **quadrature)
        guided.attribute(x, target=target)
        NoiseTunnel(integrated).attribute(x, target=target, **quadrature, **on_path)
        NoiseTunnel(guided).attribute(x, target=target, **noise)
        inner = NoiseTunnel(saliency).attribute(path, target=target, abs=False, **on_path)
        (x[0] * (weights * inner).sum(0)).numpy(force=True)
        inner = guided.attribute(path, target=target)
        (x[0] * (weights * inner).sum(0)).numpy(force=True)
