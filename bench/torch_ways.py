"""The ways that PyTorch can run one network: channels first or last, eager or compiled.

Which is fastest depends on the work and on the batch, so the bench tries them all.
"""

import torch
import torch.nn.functional as F

LAYOUTS = {"first": torch.contiguous_format, "last": torch.channels_last}
# Each layout and each size of batch is compiled for itself and kept.
torch._dynamo.config.recompile_limit = 64


class Ways:
    """Copies of a trained network, one a way; their weights ask for no gradient."""

    def __init__(self, make, weights):
        self.make = make
        self.weights = weights
        self.made = {}

    def model(self, layout):
        """The network itself, for what hooks its modules."""
        return self._once(("model", layout), lambda: self._copy(layout))

    def run(self, layout, mode):
        """Scores of a batch [N, C, H, W] that lies in that layout."""
        model = self.model(layout)
        if mode == "eager":
            return model
        return self._once(("run", layout), lambda: torch.compile(model, dynamic=False))

    def step(self, layout, mode, optimiser):
        """One step of training on a fresh network: takes images and labels."""
        return self._once(
            ("step", layout, mode, optimiser), lambda: self._step(layout, mode, optimiser)
        )

    def _once(self, key, make):
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def _copy(self, layout):
        model = self.make().eval()
        model.load_state_dict(self.weights)
        return model.requires_grad_(False).to(memory_format=LAYOUTS[layout])

    def _step(self, layout, mode, optimiser):
        model = self.make().train().to(memory_format=LAYOUTS[layout])
        # The fused form of an optimiser updates each weight in one pass: nowhere slower here.
        if optimiser == "adam":
            updates = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
        else:
            updates = torch.optim.SGD(
                model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, fused=True
            )

        def loss_of(x, y):
            return F.cross_entropy(model(x), y)

        loss = torch.compile(loss_of, dynamic=False) if mode == "compiled" else loss_of

        def step(x, y):
            updates.zero_grad(set_to_none=True)
            loss(x, y).backward()
            updates.step()

        return step
