"""Endesive signs the documents of a job file; run with the Python of build/peers/endesive.

usage: python endesive_peer.py JOB.json
"""

import datetime
import json
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.serialization import pkcs12
from endesive.pdf import cms
from PIL import Image

JOB = json.loads(Path(sys.argv[1]).read_text())
KEY, CERT, CHAIN = pkcs12.load_key_and_certificates(Path(JOB["p12"]).read_bytes(), JOB["pin"].encode())


def sign(data: bytes) -> bytes:
    """One document with its stamp."""
    now = datetime.datetime.now(datetime.UTC)
    text = "\n".join(line.replace("{time}", now.isoformat(timespec="seconds")) for line in JOB["lines"])
    left, bottom, right, top = JOB["box"]
    below = 22
    options = {
        "sigfield": "ChuKy",
        "sigflags": 3,
        "signingdate": now.strftime("D:%Y%m%d%H%M%S+00'00'"),
        "signaturebox": JOB["box"],
        "manual_images": {"Anh": Image.open(JOB["picture"])},
        "manual_fonts": {"Chu": JOB["font"]},
        "signature_manual": [
            ["image", "Anh", 0, below, right - left, top - bottom - below, False, True],
            ["fill_colour", 0, 0, 0],
            ["font", "Chu", 8],
            ["text_box", text, "Chu", 0, 0, right - left, below, 8, True, "left", "middle", 1.2],
        ],
    }
    return data + cms.sign(data, options, KEY, CERT, CHAIN, "sha256")


def main() -> None:
    """Warm up, then measure."""
    files = [Path(name) for name in JOB["documents"]]
    out = Path(JOB["out"])
    for file in files[: JOB["warm"]]:
        sign(file.read_bytes())
    wall, cpu = time.perf_counter(), time.process_time()
    for file in files:
        (out / file.name).write_bytes(sign(file.read_bytes()))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"cpu_ms": cpu * 1000 / len(files), "wall_ms": wall * 1000 / len(files)}))


main()
