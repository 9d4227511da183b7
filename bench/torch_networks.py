"""The networks, with the engine's names: torchvision's for all but the paper's.

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


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = conv3x3(width, width, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu3 = nn.ReLU()
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        direct = x if self.downsample is None else self.downsample(x)
        x = self.relu1(self.bn1(self.conv1(x)))
        x = self.relu2(self.bn2(self.conv2(x)))
        return self.relu3(self.bn3(self.conv3(x)) + direct)


class ResNet(nn.Module):
    """torchvision's ResNets; `small` begins with a 3x3 convolution and no maxima."""

    def __init__(self, block, blocks, growth, classes, stem=None):
        super().__init__()
        if stem != "small":
            self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
            self.maxpool = nn.MaxPool2d(3, 2, 1)
        else:
            self.conv1 = conv3x3(3, 64)
            self.maxpool = nn.Identity()
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        inputs = 64
        for stage, width in enumerate((64, 128, 256, 512), 1):
            first = block(inputs, width, 1 if stage == 1 else 2)
            inputs = growth * width
            rest = [block(inputs, width, 1) for _ in range(blocks[stage - 1] - 1)]
            setattr(self, f"layer{stage}", nn.Sequential(first, *rest))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


class Vgg16(nn.Module):
    """torchvision's VGG16."""

    def __init__(self, classes):
        super().__init__()
        layers, inputs = [], 3
        for outputs, count in zip((64, 128, 256, 512, 512), (2, 2, 3, 3, 3)):
            for _ in range(count):
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(4096, classes),
        )

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def network(architecture, classes, stem):
    if architecture == "mnist-cnn":
        return MnistCnn()
    if architecture == "vgg16":
        return Vgg16(classes)
    if architecture == "resnet50":
        return ResNet(Bottleneck, (3, 4, 6, 3), 4, classes, stem)
    return ResNet(BasicBlock, (2, 2, 2, 2), 1, classes, stem)
