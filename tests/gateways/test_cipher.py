"""Names and addresses: unreadable in the database, each household under its own key, gone for good when that is."""

import threading
from pathlib import Path
from uuid import UUID

import pytest

from webapp.core.errors import Conflict
from webapp.gateways.cipher import ERASED, AesGcmCipher, open_cipher
from webapp.gateways.keyring import KeyRing

WARD, OTHER = UUID(int=1), UUID(int=2)
MASTER = bytes(range(32))


def test_two_values_of_a_household_share_a_key_and_two_households_do_not() -> None:
    cipher = AesGcmCipher(MASTER)
    name = cipher.encrypt(WARD, "Trần Đình Ấn")
    address = cipher.encrypt(WARD, "12 Lê Lợi", like=name)
    stranger = cipher.encrypt(WARD, "Lý Thị Bé")
    assert name[1:17] == address[1:17] != stranger[1:17]
    assert [cipher.decrypt(WARD, data) for data in (name, address)] == ["Trần Đình Ấn", "12 Lê Lợi"]
    assert "Trần".encode() not in name


def test_a_destroyed_key_takes_its_household_and_nobody_else(tmp_path: Path) -> None:
    cipher = open_cipher(tmp_path)
    name = cipher.encrypt(WARD, "Trần Đình Ấn")
    address = cipher.encrypt(WARD, "12 Lê Lợi", like=name)
    stranger = cipher.encrypt(WARD, "Lý Thị Bé")
    ring = (tmp_path / "households.keys").read_bytes()
    assert cipher.destroy(name)
    for reader in (cipher, open_cipher(tmp_path)):
        for data in (name, address):
            with pytest.raises(Conflict):
                reader.decrypt(WARD, data)
        with pytest.raises(Conflict):
            reader.encrypt(WARD, "Trần Đình Ấn", like=name)
        assert reader.decrypt(WARD, stranger) == "Lý Thị Bé"
    # Neither the ring nor its journal keeps the wrapped key: what stood before in the file stands nowhere now.
    key_at = ring.index(name[1:17]) + 16
    wrapped = next(ring[at : at + 48] for at in range(key_at, key_at + 8) if ring[at : at + 1] == b"\x01")
    for file in tmp_path.iterdir():
        assert wrapped not in file.read_bytes(), file.name


def test_what_was_erased_reads_so_and_has_no_key_to_destroy() -> None:
    cipher = AesGcmCipher(MASTER)
    assert cipher.decrypt(WARD, b"") == ERASED
    assert not cipher.destroy(b"")


def test_values_from_before_households_had_keys_stay_readable() -> None:
    cipher = AesGcmCipher(MASTER)
    old = cipher._encrypt(WARD.bytes, "Lý Thị Bé".encode())
    assert cipher.decrypt(WARD, old) == "Lý Thị Bé"
    assert not cipher.destroy(old)


@pytest.mark.parametrize("change", ["ward", "byte", "ring", "master"])
def test_another_ward_another_key_or_a_changed_byte_is_refused(change: str) -> None:
    ring = KeyRing()
    cipher = AesGcmCipher(MASTER, ring)
    data = cipher.encrypt(WARD, "Lý Thị Bé")
    reader, ward = cipher, WARD
    if change == "ward":
        ward = OTHER
    elif change == "byte":
        data = data[:-1] + bytes([data[-1] ^ 1])
    elif change == "ring":
        reader = AesGcmCipher(MASTER)
    else:
        ring._known.clear()
        reader = AesGcmCipher(bytes(32), ring)
    with pytest.raises(Conflict):
        reader.decrypt(ward, data)


def test_many_threads_and_two_processes_share_one_ring(tmp_path: Path) -> None:
    one, two = open_cipher(tmp_path), open_cipher(tmp_path)
    made: list[tuple[str, bytes]] = []

    def work(cipher: AesGcmCipher, part: int) -> None:
        for number in range(150):
            text = f"{part}-{number}"
            made.append((text, cipher.encrypt(WARD, text)))

    threads = [threading.Thread(target=work, args=((one, two)[part % 2], part)) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({data[1:17] for _text, data in made}) == len(made) == 900
    assert all(two.decrypt(WARD, data) == text for text, data in made)
