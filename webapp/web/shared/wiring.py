"""What the factory chose for this application: ports and settings."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from webapp.core.outward import CLOSED, Outward
from webapp.core.ports import Clock, FileStore, PaperPress, PersonalDataCipher, SigningGateway, WordDesk
from webapp.jobs.signing import SigningHands
from webapp.settings import Settings

KEY = "phuong_so"
BATCHES = "phuong_so_batches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The outside world as this application sees it."""

    settings: Settings
    clock: Clock
    files: FileStore
    cipher: PersonalDataCipher
    signing: SigningGateway
    press: PaperPress
    outward: Outward = CLOSED
    word: WordDesk


def batches() -> SigningHands:
    """Give the signing sessions of this process."""
    return cast("SigningHands", current_app.extensions[BATCHES])


def _wiring() -> Wiring:
    return cast("Wiring", current_app.extensions[KEY])


def settings() -> Settings:
    """Give the settings."""
    return _wiring().settings


def clock() -> Clock:
    """Give the clock."""
    return _wiring().clock


def files() -> FileStore:
    """Give the file store."""
    return _wiring().files


def cipher() -> PersonalDataCipher:
    """Give the cipher of personal data."""
    return _wiring().cipher


def signing() -> SigningGateway:
    """Give the door to the signing room."""
    return _wiring().signing


def press() -> PaperPress:
    """Give the press for paper forms and lists."""
    return _wiring().press


def outward() -> Outward:
    """Give the doors to the outside."""
    return _wiring().outward


def word() -> WordDesk:
    """Give what writes and reads Word files."""
    return _wiring().word
