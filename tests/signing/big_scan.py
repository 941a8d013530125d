"""Sign a scan of many megabytes in a process of its own and say how much memory it took.

usage: python -m tests.signing.big_scan FOLDER MEGABYTES P12 PIN TRUST
"""

import json
import os
import sys
import time
from pathlib import Path

from signing import Place, SignRequest, Surroundings, open_pkcs12
from signing.appearance import draw_demo_signature, person_stamp
from signing.sign import sign_file
from signing.trust import load_trust

NAME = "Nguyễn Thị Hồng Ánh"


def write_scan(path: Path, megabytes: int) -> None:
    """One page that is one uncompressed colour picture, a megabyte written at a time."""
    side = 1024
    height = megabytes * side * side // (3 * side)
    length = 3 * side * height
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
    draw = b"q 595 0 0 842 0 0 cm /I Do Q"
    image = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceRGB/Length %d>>"
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page,
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(draw), draw),
    ]
    with path.open("wb") as out:
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, body in enumerate(bodies, 1):
            offsets.append(out.tell())
            out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        offsets.append(out.tell())
        out.write(b"5 0 obj\n%b\nstream\n" % (image % (side, height, length)))
        left = length
        while left:
            piece = os.urandom(min(1 << 20, left))
            out.write(piece)
            left -= len(piece)
        out.write(b"\nendstream\nendobj\n")
        table = out.tell()
        out.write(b"xref\n0 6\n0000000000 65535 f \n")
        out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
        out.write(b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table)


def peak_megabytes() -> float:
    """Highest resident memory of this program. ``getrusage`` would count its parent's, inherited through exec."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main(folder: str, megabytes: str, key: str, pin: str, trust: str) -> None:
    source, target = Path(folder) / "scan.pdf", Path(folder) / "signed.pdf"
    write_scan(source, int(megabytes))
    stamp = person_stamp(draw_demo_signature(NAME), with_text=True)
    request = SignRequest(place=Place(page=0, box=(60, 300, 260, 380)), stamp=stamp, name=NAME)
    with open_pkcs12(Path(key), pin) as signer:
        started, cpu = time.perf_counter(), time.process_time()
        facts = sign_file(source, target, signer, request, Surroundings(trust=load_trust([Path(trust)])))
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"peak_mb": peak_megabytes(), "sha256": facts.sha256, "wall_s": wall, "cpu_s": cpu}))


if __name__ == "__main__":
    main(*sys.argv[1:])
