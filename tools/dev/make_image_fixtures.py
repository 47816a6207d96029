#!/usr/bin/env python3
"""Makes the images of test/runtime/images and what Pillow and timm make of them.

`cases.json` lists for every file the pixels expected of reading it (RGB, upright when the camera was turned) and of timm's transform for
evaluation. Needs Pillow and timm; the tests need neither. PNG files are written here, because Pillow cannot write all kinds.

    .venv/bin/python tools/dev/make_image_fixtures.py
"""

import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps
from timm.data.transforms_factory import transforms_imagenet_eval

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test/runtime/images"
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
COLOR_TYPES = {"grey": (0, 1), "rgb": (2, 3), "palette": (3, 1), "grey_alpha": (4, 2), "rgba": (6, 4)}


def picture(height, width, channels, seed):
    """Waves, edges and noise, 8 bits."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 7.0
    planes = [128 + 70 * np.sin(x * (1 + c / 3) + y) + 40 * ((x + c * y) % 3 > 1.5) + rng.normal(0, 12, x.shape)
              for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_rows(samples, depth):
    """Rows of a [height, width, channels] array with filter type 0."""
    height, width, channels = samples.shape
    if width == 0 or height == 0:
        return b""
    if depth == 16:
        rows = samples.astype(">u2").reshape(height, -1).view(np.uint8)
    elif depth == 8:
        rows = samples.astype(np.uint8).reshape(height, -1)
    else:
        bits = np.unpackbits(samples.astype(np.uint8).reshape(height, -1, 1), axis=2)[:, :, 8 - depth:]
        rows = np.packbits(bits.reshape(height, -1), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in rows)


def write_png(name, color, depth, samples, interlaced=False, extra=()):
    color_type, channels = COLOR_TYPES[color]
    samples = samples.reshape(*samples.shape[:2], channels)
    height, width, _ = samples.shape
    passes = [samples[y0::dy, x0::dx] for x0, y0, dx, dy in ADAM7] if interlaced else [samples]
    data = zlib.compress(b"".join(packed_rows(part, depth) for part in passes), 9)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    content += b"".join(chunk(kind, body) for kind, body in extra)
    (FOLDER / name).write_bytes(content + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def make_pngs():
    rng = np.random.default_rng(1)
    for color, depths in {"grey": (1, 2, 4, 8, 16), "rgb": (8, 16), "grey_alpha": (8, 16), "rgba": (8, 16)}.items():
        for depth in depths:
            samples = rng.integers(0, 1 << depth, (9, 13, COLOR_TYPES[color][1]))
            if (color, depth) == ("grey", 16):
                samples[:4] %= 300  # on both sides of 255
            write_png(f"{color}{depth}.png", color, depth, samples)
            write_png(f"{color}{depth}_interlaced.png", color, depth, samples, interlaced=True)
    for depth in (1, 2, 4, 8):
        palette = rng.integers(0, 256, (min(1 << depth, 200), 3)).astype(np.uint8)
        samples = rng.integers(0, len(palette), (9, 13, 1))
        transparency = (b"tRNS", bytes([0, 128]))
        write_png(f"palette{depth}.png", "palette", depth, samples, extra=[(b"PLTE", palette.tobytes())])
        write_png(f"palette{depth}_transparent.png", "palette", depth, samples, extra=[(b"PLTE", palette.tobytes()), transparency])
    samples = rng.integers(0, 256, (9, 13, 3))
    color_key = struct.pack(">HHH", *samples[0, 0])
    write_png("rgb8_transparent.png", "rgb", 8, samples, extra=[(b"tRNS", color_key), (b"gAMA", struct.pack(">I", 45455))])
    write_png("rgb8_turned.png", "rgb", 8, samples, extra=[(b"eXIf", exif_bytes(6)[6:])])
    write_png("grey8_transparent.png", "grey", 8, samples[:, :, :1], extra=[(b"tRNS", struct.pack(">H", samples[0, 0, 0]))])


def exif_bytes(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def make_jpegs():
    rgb = Image.fromarray(picture(37, 45, 3, 2))
    for subsampling, name in enumerate(("444", "422", "420")):
        rgb.save(FOLDER / f"rgb_{name}.jpg", quality=88, subsampling=subsampling)
    rgb.save(FOLDER / "progressive.jpg", quality=80, progressive=True)
    Image.fromarray(picture(37, 45, 1, 3)[:, :, 0]).save(FOLDER / "grey.jpg", quality=85)
    cmyk = Image.fromarray(picture(21, 30, 4, 4), mode="CMYK")
    cmyk.save(FOLDER / "cmyk.jpg", quality=90)
    # The same data read as YCCK: the last byte of Adobe's marker says so.
    data = bytearray((FOLDER / "cmyk.jpg").read_bytes())
    data[data.index(b"Adobe") + 11] = 2
    (FOLDER / "ycck.jpg").write_bytes(data)
    for orientation in range(1, 9):
        Image.fromarray(picture(11, 16, 3, 5)).save(FOLDER / f"exif{orientation}.jpg", quality=90, exif=exif_bytes(orientation))
    Image.fromarray(picture(131, 180, 3, 6)).save(FOLDER / "wide.jpg", quality=75)
    Image.fromarray(picture(150, 101, 3, 7)).save(FOLDER / "tall.jpg", quality=75)


def make_broken():
    png, jpeg = (FOLDER / "rgb8.png").read_bytes(), (FOLDER / "rgb_420.jpg").read_bytes()
    (FOLDER / "broken_truncated.png").write_bytes(png[:len(png) // 2])
    (FOLDER / "broken_truncated.jpg").write_bytes(jpeg[:len(jpeg) // 2])
    (FOLDER / "broken_header.jpg").write_bytes(jpeg[:30])
    (FOLDER / "broken_crc.png").write_bytes(png[:60] + bytes([png[60] ^ 1]) + png[61:])
    (FOLDER / "broken_empty.png").write_bytes(b"")
    (FOLDER / "broken_format.png").write_bytes(b"GIF89a, in truth")
    huge = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    (FOLDER / "broken_huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", huge) + chunk(b"IDAT", b""))


def store(name, array):
    np.save(FOLDER / "expected" / f"{name}.npy", np.ascontiguousarray(array))
    return f"expected/{name}.npy"


def reading_cases():
    cases = []
    for path in sorted(FOLDER.glob("*.[jp][pn]g")):
        if path.name.startswith("broken"):
            continue
        image = Image.open(path)
        name = path.name.replace(".", "_")
        large = path.name in ("wide.jpg", "tall.jpg")  # seen through their transforms
        if not large:
            cases.append({"file": path.name, "channels": 3, "exif": False, "pixels": store(name, np.array(image.convert("RGB")))})
        if path.name in ("rgb_444.jpg", "grey.jpg", "grey16.png", "palette4.png"):
            grey = np.array(image.convert("L"))[:, :, None]
            cases.append({"file": path.name, "channels": 1, "exif": False, "pixels": store(name + "_grey", grey)})
        if path.name.startswith("exif") or "turned" in path.name:
            upright = np.array(ImageOps.exif_transpose(image).convert("RGB"))
            cases.append({"file": path.name, "channels": 3, "exif": True, "pixels": store(name + "_upright", upright)})
    return cases


def transform_cases():
    settings = [
        ("wide.jpg", 64, 64, 0.9, "bicubic", 3), ("tall.jpg", 64, 64, 1.0, "bicubic", 3), ("wide.jpg", 61, 61, 0.875, "bilinear", 3),
        ("tall.jpg", 75, 59, 0.95, "bicubic", 3), ("wide.jpg", 40, 57, 1.0, "bilinear", 3), ("rgb_444.jpg", 77, 77, 1.0, "bicubic", 3),
        ("rgb_444.jpg", 37, 37, 1.0, "bicubic", 3), ("tall.jpg", 28, 28, 1.0, "bicubic", 1), ("grey.jpg", 32, 32, 0.9, "bicubic", 3),
        ("rgb_444.jpg", 64, 64, 1.3, "bicubic", 3),
    ]
    cases = []
    for file, height, width, crop, interpolation, channels in settings:
        transform = transforms_imagenet_eval(img_size=(height, width), crop_pct=crop, interpolation=interpolation, normalize=False)
        pixels = transform(Image.open(FOLDER / file).convert("RGB" if channels == 3 else "L")).numpy().transpose(1, 2, 0)
        name = f"{file.replace('.', '_')}_{height}x{width}_{interpolation}_{round(1000 * crop)}_{channels}"
        cases.append({"file": file, "channels": channels, "height": height, "width": width, "crop_pct": crop,
                      "interpolation": interpolation, "pixels": store(name, pixels)})
    return cases


def main():
    (FOLDER / "expected").mkdir(parents=True, exist_ok=True)
    make_pngs()
    make_jpegs()
    make_broken()
    cases = {"reading": reading_cases(), "transforms": transform_cases()}
    (FOLDER / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
