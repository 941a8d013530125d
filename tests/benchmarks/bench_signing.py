"""Signing with a visible Vietnamese stamp and picture: ours against the loop that pyHanko's documentation shows.

CPU time of this process per document, the methods taking turns in every round; a result of each is checked. The default
loop loads the key file, makes the style and embeds the font anew for every document, as its examples do.

usage: python -m tests.benchmarks.bench_signing [rounds] [documents per round]
"""

import io
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from PIL import Image
from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.stamp import TextStampStyle

from signing import Place, SignRequest, Stamp, Surroundings, open_pkcs12, sign_pdf, validate_pdf
from signing.appearance import draw_demo_signature
from signing.model import Code, StampLayout
from signing.trust import TrustStore, load_trust
from signing.trust.demo_pki import Holder, IssuedKey, make_demo_pki
from tests.signing.documents import SIGNER, plan_pdf

BOX = (60, 300, 260, 380)
WANTED = 10.0
"""The issue's bound: at least so many times less CPU than the default loop."""

DEFAULT = "pyHanko, documented loop"
OURS = "ours, signing alone"
CHECKED = "ours, result checked again"
OPENED = "ours, key file opened per document, result checked"


@dataclass(frozen=True)
class Bench:
    """What all methods sign with."""

    key: IssuedKey
    trust: TrustStore
    picture: bytes
    font: str

    def default(self, pdf: bytes) -> bytes:
        """The documented loop."""
        signer = signers.SimpleSigner.load_pkcs12(str(self.key.path), passphrase=self.key.pin.encode())
        style = TextStampStyle(
            stamp_text="Người ký: %(signer)s\nThời gian ký: %(ts)s",
            background=PdfImage(Image.open(io.BytesIO(self.picture))),
            text_box_style=TextBoxStyle(font=GlyphAccumulatorFactory(self.font)),
        )
        meta = signers.PdfSignatureMetadata(field_name="ChuKy", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        machine = signers.PdfSigner(
            meta, signer=signer, stamp_style=style, new_field_spec=SigFieldSpec("ChuKy", on_page=0, box=BOX)
        )
        out = machine.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), appearance_text_params={"signer": SIGNER})
        return bytes(out.getbuffer())

    def request(self) -> SignRequest:
        """The same look for ours."""
        lines = ("Người ký: {signer}", "Thời gian ký: {time}")
        stamp = Stamp(layout=StampLayout.PICTURE_ABOVE_TEXT, picture=self.picture, lines=lines, size=8)
        return SignRequest(place=Place(page=0, box=BOX), stamp=stamp)

    def opened(self, pdf: bytes) -> bytes:
        """One document, one PIN."""
        with open_pkcs12(self.key.path, self.key.pin) as signer:
            return sign_pdf(pdf, signer, self.request(), Surroundings(trust=self.trust)).data


def methods(bench: Bench, stack: ExitStack) -> dict[str, Callable[[bytes], bytes]]:
    """Name and one-document function of each method."""
    signer = stack.enter_context(open_pkcs12(bench.key.path, bench.key.pin))
    request = bench.request()
    alone = Surroundings(trust=bench.trust, revalidate=False)
    checked = Surroundings(trust=bench.trust)
    return {
        DEFAULT: bench.default,
        OURS: lambda pdf: sign_pdf(pdf, signer, request, alone).data,
        CHECKED: lambda pdf: sign_pdf(pdf, signer, request, checked).data,
        OPENED: bench.opened,
    }


def measure(
    functions: dict[str, Callable[[bytes], bytes]], documents: list[bytes], rounds: int, trust: TrustStore
) -> Iterator[dict[str, float]]:
    """Milliseconds of CPU per document of each method, a row a round. Raises AssertionError for a bad result."""
    for _round in range(rounds):
        row = {}
        for name, function in functions.items():
            count = documents if name != DEFAULT else documents[: max(2, len(documents) // 8)]
            started = time.process_time()
            results = [function(pdf) for pdf in count]
            row[name] = (time.process_time() - started) * 1000 / len(count)
            assert validate_pdf(results[-1], trust=trust).code is Code.OK, name
        yield row


def main(rounds: int = 5, count: int = 24) -> int:
    """Measure, print a table and one JSON line; 1 when the bound is missed."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        font = Path(folder) / "stamp.ttf"
        font.write_bytes((resources.files("signing") / "resources" / "fonts" / "Tinos-Regular.ttf").read_bytes())
        agency = Holder(slug="co-quan", common_name="Phường Mẫu")
        pki = make_demo_pki(Path(folder), [Holder(slug="a", common_name=SIGNER)], agency, now=datetime.now(UTC))
        trust = load_trust([pki.trust_folder])
        bench = Bench(pki.keys["a"], trust, draw_demo_signature(SIGNER), str(font))
        functions = methods(bench, stack)
        documents = [plan_pdf() for _document in range(count)]
        for function in functions.values():
            function(documents[0])
        rows = list(measure(functions, documents, rounds, trust))
    return report(rows)


def report(rows: list[dict[str, float]]) -> int:
    """Print medians and the ratio paired inside each round."""
    result = {}
    print(f"{'method':52} {'ms CPU/document':>16} {'times less CPU':>15}")
    for name in rows[0]:
        cpu = statistics.median(row[name] for row in rows)
        ratio = statistics.median(row[DEFAULT] / row[name] for row in rows)
        result[name] = {"cpu_ms": round(cpu, 2), "ratio": round(ratio, 1)}
        print(f"{name:52} {cpu:16.2f} {ratio:14.1f}x")
    print(json.dumps({"bench": "signing", "rounds": len(rows), "wanted_ratio": WANTED, "methods": result}))
    return int(result[OURS]["ratio"] < WANTED)


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
