"""A certification authority that others wrote: certomancer, served on the loopback address with its TSA and CRL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from certomancer import CertomancerConfig
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, PKIArchitecture, ServiceLabel
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import make_server

CONFIG = """
external-url-prefix: "http://127.0.0.1:PORT"
keysets:
  phuong:
    path-prefix: .
    keys: {root: {path: root.pem}, tsa: {path: tsa.pem}, person: {path: person.pem}, ocsp: {path: ocsp.pem}}
pki-architectures:
  phuong:
    keyset: phuong
    entity-defaults: {country-name: VN, organization-name: "Tổ chức chứng thực khác"}
    entities:
      root: {common-name: "CA gốc khác"}
      tsa: {common-name: "Dấu thời gian khác"}
      ocsp: {common-name: "OCSP khác"}
      person: {common-name: "Đỗ Thị Ngọc Ánh"}
    certs:
      root:
        subject: root
        subject-key: root
        issuer: root
        authority-key: root
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2060-01-01T00:00:00+0000"}
        profiles: [{id: simple-ca, params: {crl-repo: root}}]
      tsa:
        issuer: root
        validity: {valid-from: "2024-01-01T00:00:00+0000", valid-to: "2050-01-01T00:00:00+0000"}
        extensions:
          - {id: key_usage, critical: true, smart-value: {schema: key-usage, params: [digital_signature]}}
          - {id: extended_key_usage, critical: true, value: [time_stamping]}
          - id: crl_distribution_points
            smart-value: {schema: crl-dist-url, params: {crl-repo-names: [root]}}
      ocsp:
        issuer: root
        validity: {valid-from: "2024-01-01T00:00:00+0000", valid-to: "2050-01-01T00:00:00+0000"}
        profiles: [ocsp-responder]
      person:
        issuer: root
        validity: {valid-from: "2024-01-01T00:00:00+0000", valid-to: "2050-01-01T00:00:00+0000"}
        profiles: [digsig-commitment]
        extensions:
          - id: authority_information_access
            smart-value: {schema: aia-urls, params: {ocsp-responder-names: [root]}}
          - id: crl_distribution_points
            smart-value: {schema: crl-dist-url, params: {crl-repo-names: [root]}}
    services:
      crl-repo:
        root: {for-issuer: root, signing-key: root, simulated-update-schedule: "P90D"}
      ocsp:
        root: {for-issuer: root, responder-cert: ocsp, signing-key: ocsp}
      time-stamping:
        tsa: {signing-cert: tsa}
"""


@dataclass(frozen=True)
class Authority:
    architecture: PKIArchitecture
    tsa_url: str
    asked: list[str]
    """Paths of the requests that came in."""

    def root(self) -> bytes:
        return self.architecture.get_cert(CertLabel("root")).dump()

    def key_file(self, pin: str) -> bytes:
        return self.architecture.package_pkcs12(CertLabel("person"), password=pin.encode())

    def crl(self) -> bytes:
        return self.crl_at(datetime.now(UTC))

    def crl_at(self, moment: datetime) -> bytes:
        """The list that is in force at a moment."""
        return self.architecture.service_registry.get_crl(ServiceLabel("root"), moment).dump()


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """Make keys, read the configuration, serve."""
    for name in ("root", "tsa", "person", "ocsp"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(pem)
    asked: list[str] = []
    served: list[Animator] = []

    def application(environ: dict[str, object], start: object) -> object:
        asked.append(str(environ["PATH_INFO"]))
        return served[0](environ, start)

    server = make_server("127.0.0.1", 0, application)
    text = CONFIG.replace("PORT", str(server.server_port))
    config = CertomancerConfig.from_yaml(text, key_search_dir=str(folder))
    served.append(Animator(AnimatorArchStore(config.pki_archs), with_web_ui=False))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/phuong/tsa/tsa"
        yield Authority(config.get_pki_arch(ArchLabel("phuong")), url, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
