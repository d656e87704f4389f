#!/bin/sh
# A QR code says nothing of the letters in its bytes unless it has an ECI. segno writes them in ISO 8859-1 where it can, as the standard has it, and in
# UTF-8 where it cannot; the package qrcode writes UTF-8 always. jsQR, which reads in browsers, takes bytes for UTF-8 alone: of segno's "Käthe" it
# finds the code and gives an empty text, and no error. Of segno's "Käthe 東京" it gives all. zxing-cpp guesses, and is right each time.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: segno==1.6.6 qrcode==8.2 pillow==13.0.0 zxing-cpp==3.1.1
npm install --silent --no-audit --no-fund --prefix "$folder" jsqr@1.4.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import io
from pathlib import Path

import qrcode
import segno
import zxingcpp
from PIL import Image


def by_segno(text, encoding=None):
    picture = io.BytesIO()
    segno.make(text, micro=False, encoding=encoding).save(picture, kind="png", scale=6)
    return Image.open(picture)


for name, picture in {
    "segno": by_segno("Käthe"),
    "segno-more": by_segno("Käthe 東京"),
    "segno-utf-8": by_segno("Käthe", "utf-8"),
    "qrcode": qrcode.make("Käthe").get_image(),
}.items():
    rgba = picture.convert("RGBA")
    Path(f"{name}.rgba").write_bytes(rgba.width.to_bytes(4, "little") + rgba.tobytes())
    print(f"zxing-cpp, {name}: {[each.text for each in zxingcpp.read_barcodes(picture.convert('L'))]}")
PYTHON
cat >read.mjs <<'JS'
import { readFileSync } from "node:fs";
import jsQR from "jsqr";
const found = ["segno", "segno-more", "segno-utf-8", "qrcode"].map((name) => {
    const file = readFileSync(`${name}.rgba`);
    const width = file.readUInt32LE(0);
    return (jsQR.default ?? jsQR)(new Uint8ClampedArray(file.subarray(4)), width, width)?.data ?? null;
});
console.log(`jsQR 1.4.0: ${JSON.stringify(found)}`);
process.exit(JSON.stringify(found) === JSON.stringify(["", "Käthe 東京", "Käthe", "Käthe"]) ? 0 : 1);
JS
node read.mjs
