"""What a program that does not import torch finds of graphprof's sitecustomize: as little as it left."""
import sys

print([path for path in sys.path if "python" in path.split("/")[-1:]], "ctypes" in sys.modules,
      any("graphprof" in name for name in sys.modules))
