"""The networks, with the engine's names: torchvision's for ResNet18.

Every activation is a module of its own and none works in place, as Captum's guided backpropagation
needs it.
"""

from torch import nn


class MnistCnn(nn.Module):
    """Fig. 1 of the paper."""

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


def conv3x3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = conv3x3(inputs, outputs, stride)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = conv3x3(outputs, outputs)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        direct = x if self.downsample is None else self.downsample(x)
        x = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(x)) + direct)


class ResNet18(nn.Module):
    """torchvision's ResNet18; `small` begins with a 3x3 convolution and no maxima."""

    def __init__(self, classes, stem="imagenet"):
        super().__init__()
        if stem == "imagenet":
            self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
            self.maxpool = nn.MaxPool2d(3, 2, 1)
        else:
            self.conv1 = conv3x3(3, 64)
            self.maxpool = nn.Identity()
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        inputs = 64
        for stage, outputs in enumerate((64, 128, 256, 512), 1):
            first = BasicBlock(inputs, outputs, 1 if stage == 1 else 2)
            setattr(self, f"layer{stage}", nn.Sequential(first, BasicBlock(outputs, outputs, 1)))
            inputs = outputs
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def network(architecture, classes, stem):
    return MnistCnn() if architecture == "mnist-cnn" else ResNet18(classes, stem)
