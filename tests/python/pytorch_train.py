"""A small network on the CPU, trained by real PyTorch; for pytorch.t. Prints losses to the last bit."""
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)) + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.blocks = nn.Sequential(Block(8), Block(8))
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean((2, 3)))


torch.manual_seed(0)
torch.set_num_threads(1)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for _ in range(5):
    images, labels = torch.randn(4, 3, 16, 16), torch.randint(0, 10, (4,))
    optimizer.zero_grad(set_to_none=True)
    loss = criterion(net(images), labels)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        net.eval()(images)  # a forward pass between two steps
        net.train()
    print(loss.item().hex())
with torch.profiler.profile(profile_memory=True) as profile:
    made = torch.empty(1000, 1000).clone()
print(sum(event.cpu_memory_usage for event in profile.events()))
