#!/usr/bin/env python3
"""Makes a small GGUF file that our reader takes for a model: make_gguf.py FILE BYTES NAME"""

import struct
import sys


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def key(name, value):
    return text(name) + struct.pack("<I", 8) + text(value)


path, size, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
head = b"GGUF" + struct.pack("<IQQ", 3, 1, 3) + key("general.architecture", "llama")
head += key("general.name", name) + key("general.license", "mit")
head += text("w") + struct.pack("<IQIQ", 1, size, 24, 0)
head += bytes(-len(head) % 32)
with open(path, "wb") as file:
    file.write(head + bytes((i * 7) & 255 for i in range(256)) * (size // 256) + bytes(size % 256))
