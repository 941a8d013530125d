"""Keys of the demo ward: a PKI of its own, trusted by its administrator, and every key taken into use by its holder."""

import json
import os
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from seeds.demo.people import STAFF
from seeds.demo.scene import Scene
from seeds.demo.ward import WARD
from signing.appearance import draw_demo_seal, draw_demo_signature
from signing.trust.demo_pki import DemoPki, Holder, IssuedKey, make_demo_pki
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.ports import KeyAccess, SigningGateway
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.trust import add_anchor, add_revocation_list

AGENCY: Final = "co-quan"
PINS: Final = "demo-pins.json"
# The demo may be kept for years; nobody renews its revocation lists.
LIST_DAYS: Final = 3650


def make_keys(session: Session, scene: Scene, signing: SigningGateway) -> None:
    """Make the PKI in `<data_dir>/pki`, trust it and enrol the keys. PINs are kept beside it, for the demo only."""
    folder = scene.ports.settings.data_dir / "pki"
    agency = str(WARD["agency_name"])
    people = [
        Holder(slug=member.slug, common_name=member.name, organization=agency, title=member.title)
        for member in STAFF
        if member.key
    ]
    holder = Holder(slug=AGENCY, common_name=agency, organization=agency)
    pki = make_demo_pki(folder, people, holder, now=scene.clock.now(), crl_days=LIST_DAYS)
    write_secret(folder / "tsa.pin", pki.tsa.pin)
    write_secret(folder / PINS, json.dumps({slug: key.pin for slug, key in pki.keys.items()}))
    _trust(session, scene, pki)
    for member in STAFF:
        if member.key:
            _enrol(session, scene, signing, pki.keys[member.slug], member.slug)
    _enrol(session, scene, signing, pki.keys[AGENCY], None)


def read_pins(folder: Path) -> dict[str, str]:
    """Give the PINs of the demo keys by name of their holder; {} when there are none."""
    path = folder / PINS
    pins: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return pins


def write_secret(path: Path, content: str) -> None:
    """Write a file that only its owner reads."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)


def _trust(session: Session, scene: Scene, pki: DemoPki) -> None:
    admin = scene.actor("quan-tri", Role.ADMIN)
    for path, is_anchor in ((pki.root, True), (pki.chain, False)):
        add_anchor(session, path.read_bytes(), is_anchor=is_anchor, actor=admin, clock=scene.clock)
    for path in pki.crls:
        add_revocation_list(session, path.read_bytes(), actor=admin, clock=scene.clock)


def _enrol(session: Session, scene: Scene, signing: SigningGateway, key: IssuedKey, slug: str | None) -> None:
    """Enrol a person's key, or the agency's by the clerk when `slug` is None."""
    member = next((one for one in STAFF if one.slug == slug), None)
    person = member is not None
    command = EnrolKeystore(
        key=KeyAccess(kind=KeystoreKind.PKCS12, content=key.path.read_bytes(), secret=key.pin),
        owner=KeystoreOwner.PERSON if person else KeystoreOwner.AGENCY,
        account_id=scene.staff[member.slug] if member else None,
        picture=draw_demo_signature(member.name) if member else draw_demo_seal(str(WARD["agency_name"])),
    )
    actor = scene.actor(member.slug, member.role) if member else scene.actor("van-thu", Role.CLERK)
    enrol_keystore(session, command, actor=actor, clock=scene.clock, files=scene.ports.files, signing=signing)
