"""A colour profile as cameras embed it, written from its definition.

Source:
    ICC.1:2001-04 for the format; SMPTE EG 432-1 for Display P3's primaries, adapted to D50.
"""

import struct


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(x) + _fixed(y) + _fixed(z)


def _srgb_curve() -> bytes:
    levels = [n / 1023 for n in range(1024)]
    linear = [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels]
    return struct.pack(">4s4xI1024H", b"curv", 1024, *(round(value * 65535) for value in linear))


def _profile(colours: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    begins = 128 + 4 + 12 * len(tags)
    for signature, content in tags.items():
        table += struct.pack(">4sII", signature, begins + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = bytearray(128)
    header[0:4] = struct.pack(">I", 128 + len(table) + len(body))
    header[8:24] = b"\x02\x40\0\0" + b"mntr" + colours + b"XYZ "
    header[36:40] = b"acsp"
    header[68:80] = _fixed(0.9642) + _fixed(1.0) + _fixed(0.8249)
    return bytes(header) + table + body


def _description(name: bytes) -> dict[bytes, bytes]:
    return {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + bytes(79),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
    }


P3 = _profile(
    b"RGB ",
    _description(b"Display P3")
    | {
        b"rXYZ": _xyz(0.51512, 0.2412, -0.00105),
        b"gXYZ": _xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": _xyz(0.1571, 0.06657, 0.78407),
        b"rTRC": _srgb_curve(),
        b"gTRC": _srgb_curve(),
        b"bTRC": _srgb_curve(),
    },
)

LINEAR_GREY = _profile(b"GRAY", _description(b"Linear grey") | {b"kTRC": struct.pack(">4s4xI", b"curv", 0)})
