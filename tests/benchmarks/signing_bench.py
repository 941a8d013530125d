"""What the signing benchmarks work on: a desk of keys and documents, the documented loop, and the check of results."""

import io
import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from PIL import Image
from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext

from signing import Place, SignRequest, Stamp, TrustStore
from signing.appearance import draw_demo_signature
from signing.model import StampLayout
from signing.trust import load_trust
from signing.trust.demo_pki import Holder, IssuedKey, make_demo_pki
from tests.benchmarks.signing_peers.install import Peer
from tests.signing.documents import PLAN, SIGNER, plan_pdf

BOX = (60, 300, 260, 380)
LINES = (f"Người ký: {SIGNER}", "Thời gian ký: {time}")
SAMPLES = 3
"""Results of each method that are checked."""


@dataclass(frozen=True)
class Figures:
    """Milliseconds per document."""

    cpu_ms: float
    wall_ms: float


@dataclass(frozen=True)
class Desk:
    """Key, trust, picture, font and documents, and folders for the results."""

    folder: Path
    key: IssuedKey
    trust: TrustStore
    documents: list[Path]

    @property
    def picture(self) -> Path:
        return self.folder / "picture.png"

    @property
    def font(self) -> Path:
        return self.folder / "font.ttf"

    def request(self) -> SignRequest:
        """The look that all share: the picture above two lines of text."""
        stamp = Stamp(layout=StampLayout.PICTURE_ABOVE_TEXT, picture=self.picture.read_bytes(), lines=LINES, size=8)
        return SignRequest(place=Place(page=0, box=BOX), stamp=stamp)

    def out_for(self, name: str) -> Path:
        """The folder for a method's results."""
        out = self.folder / "out" / "".join(letter if letter.isalnum() else "-" for letter in name)
        out.mkdir(parents=True, exist_ok=True)
        return out


def make_desk(folder: Path, count: int) -> Desk:
    """Throw-away certificates and different one-page documents."""
    agency = Holder(slug="co-quan", common_name="Phường Mẫu")
    pki = make_demo_pki(folder / "pki", [Holder(slug="a", common_name=SIGNER)], agency, now=datetime.now(UTC))
    (folder / "picture.png").write_bytes(draw_demo_signature(SIGNER))
    fonts = resources.files("signing") / "resources" / "fonts"
    (folder / "font.ttf").write_bytes((fonts / "Tinos-Regular.ttf").read_bytes())
    documents = []
    for number in range(count):
        path = folder / f"{number:04d}.pdf"
        path.write_bytes(plan_pdf(PLAN + f"\nBản số {number}."))
        documents.append(path)
    trust = load_trust([pki.trust_folder], intermediates=[pki.chain])
    desk = Desk(folder, pki.keys["a"], trust, documents)
    _copies_for_peers(desk)
    return desk


def _copies_for_peers(desk: Desk) -> None:
    """The same key in the old PKCS#12 encryption that every peer reads, and as PEM."""
    content = pkcs12.load_pkcs12(desk.key.path.read_bytes(), desk.key.pin.encode())
    assert content.key is not None
    assert content.cert is not None
    others = [extra.certificate for extra in content.additional_certs]
    old = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2048)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())
        .build(desk.key.pin.encode())
    )
    data = pkcs12.serialize_key_and_certificates(b"a", content.key, content.cert.certificate, others, old)
    (desk.folder / "key.p12").write_bytes(data)
    pem = content.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (desk.folder / "key.pem").write_bytes(pem)
    chain = [content.cert.certificate, *others]
    (desk.folder / "certificates.pem").write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in chain))


def documented_loop(desk: Desk) -> Callable[[bytes], bytes]:
    """PyHanko as its documentation shows it: key file, style and font made anew for each document."""
    picture, font = desk.picture.read_bytes(), str(desk.font)

    def sign(pdf: bytes) -> bytes:
        signer = signers.SimpleSigner.load_pkcs12(str(desk.key.path), passphrase=desk.key.pin.encode())
        style = TextStampStyle(
            stamp_text="Người ký: %(signer)s\nThời gian ký: %(ts)s",
            background=PdfImage(Image.open(io.BytesIO(picture))),
            text_box_style=TextBoxStyle(font=GlyphAccumulatorFactory(font)),
        )
        meta = signers.PdfSignatureMetadata(field_name="ChuKy", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        spec = SigFieldSpec("ChuKy", on_page=0, box=BOX)
        machine = signers.PdfSigner(meta, signer=signer, stamp_style=style, new_field_spec=spec)
        out = machine.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), appearance_text_params={"signer": SIGNER})
        return bytes(out.getbuffer())

    return sign


def run_peer(peer: Peer, desk: Desk, documents: Sequence[Path]) -> Figures:
    """Let a peer sign the documents. Raises RuntimeError with its last words."""
    assert peer.command is not None
    parts = {
        "documents": [str(path) for path in documents],
        "out": str(desk.out_for(peer.name)),
        "warm": 5,
        "p12": str(desk.folder / "key.p12"),
        "pin": desk.key.pin,
        "key": str(desk.folder / "key.pem"),
        "certificates": str(desk.folder / "certificates.pem"),
        "picture": str(desk.picture),
        "font": str(desk.font),
        "lines": list(LINES),
        "box": list(BOX),
    }
    job = desk.folder / ("job.txt" if peer.command[0] == "java" else "job.json")
    if job.suffix == ".txt":
        flat = {key: _flat(key, value) for key, value in parts.items()}
        job.write_text("".join(f"{key}={value}\n" for key, value in flat.items()))
    else:
        job.write_text(json.dumps(parts))
    done = subprocess.run([*peer.command, str(job)], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(" ".join(done.stderr.split())[-200:])
    return Figures(**json.loads(done.stdout.strip().splitlines()[-1]))


def _flat(key: str, value: object) -> str:
    if isinstance(value, list):
        return ("," if key == "box" else "|").join(map(str, value))
    return str(value)


def check(desk: Desk, name: str) -> str:
    """What pyHanko's validator and pdfsig say of some results of a method: ``valid, valid`` at best."""
    results = sorted(desk.out_for(name).iterdir())[:SAMPLES]
    ours = {_by_pyhanko(path.read_bytes(), desk.trust) for path in results}
    theirs = {_by_pdfsig(path) for path in results}
    return ", ".join("valid" if said == {True} else "INVALID" for said in (ours, theirs))


def _by_pyhanko(pdf: bytes, trust: TrustStore) -> bool:
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        context = ValidationContext(trust_roots=list(trust.anchors), other_certs=list(trust.intermediates))
        status = [validate_pdf_signature(s, context) for s in reader.embedded_regular_signatures]
    except Exception:  # whatever a peer's file makes of the library
        return False
    return bool(status) and all(one.bottom_line for one in status)


def _by_pdfsig(path: Path) -> bool:
    done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, timeout=60, check=False)
    return "Signature is Valid" in done.stdout
