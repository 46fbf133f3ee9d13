"""For torch_hooks.sh: trains a network that is ResNet-152 in its modules, with 4 channels and 8x8 images, so that
what the host does is all there is. One thread. Prints the least CPU ms that a step took, its forward pass and its
backward pass, and how many calls of modules that have none inside a step makes."""
import sys
import time

import torch
from torch import nn

WIDTH = 4


def conv(size, stride=1):
    return nn.Conv2d(WIDTH, WIDTH, size, stride=stride, padding=size // 2, bias=False)


class Bottleneck(nn.Module):
    def __init__(self, is_first):
        super().__init__()
        self.conv1, self.bn1 = conv(1), nn.BatchNorm2d(WIDTH)
        self.conv2, self.bn2 = conv(3), nn.BatchNorm2d(WIDTH)
        self.conv3, self.bn3 = conv(1), nn.BatchNorm2d(WIDTH)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Sequential(conv(1), nn.BatchNorm2d(WIDTH)) if is_first else None

    def forward(self, x):
        identity = self.downsample(x) if self.downsample is not None else x
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.relu(self.bn3(self.conv3(x)) + identity)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH)
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, stride=2, padding=1)
        for number, blocks in enumerate((3, 8, 36, 3), 1):
            setattr(self, "layer%d" % number, nn.Sequential(*(Bottleneck(i == 0) for i in range(blocks))))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d((1, 1)), nn.Linear(WIDTH, 10)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


torch.manual_seed(0)
torch.set_num_threads(1)
net, criterion = Net(), nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)
images, labels = torch.randn(4, 3, 8, 8), torch.zeros(4, dtype=torch.long)
times = []
for _ in range(int(sys.argv[1])):
    optimizer.zero_grad(set_to_none=True)
    begin = time.process_time()
    loss = criterion(net(images), labels)
    between = time.process_time()
    loss.backward()
    end = time.process_time()
    optimizer.step()
    times.append((end - begin, between - begin, end - between))
calls = 0


def count(_module, _inputs, _output):
    global calls
    calls += 1


for module in (*net.modules(), criterion):
    if next(module.children(), None) is None:
        module.register_forward_hook(count)
criterion(net(images), labels)
print(*("%.4f" % (1e3 * min(part)) for part in zip(*times)), calls)
