"""Settings: one frozen class, read once from the environment (`PHS_…`), checked before anything starts."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RemoteSigning(BaseModel):
    """A remote signing provider (Cloud Signature Consortium API v1): a bearer token, or a client's name and secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: str = Field(pattern=r"^https://|^http://(localhost|127\.0\.0\.1|\[::1\])[:/]")
    token: str = Field("", repr=False)
    client_id: str = ""
    client_secret: str = Field("", repr=False)


class Settings(BaseSettings):
    """Every setting, with its default and what it is for; `phs settings` prints this table."""

    model_config = SettingsConfigDict(env_prefix="PHS_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("instance"), description="Folder for the SQLite file, stored documents and keys.")
    database_url: str = Field(
        "", description="`sqlite:///…` or `postgresql://…`; empty: `phuong-so.db` in the data folder."
    )
    personal_keys_url: str = Field(
        "",
        repr=False,
        description="Database of the households' keys, apart from the main one; empty: a file in the folder `keys`.",
    )
    secret_key: str = Field("", repr=False, description="Signs cookies; empty: made once and kept in the data folder.")
    base_url: str = Field(
        "http://localhost:8000", description="Public address, printed in QR codes and on verification pages."
    )
    host: str = Field("127.0.0.1 [::1]", description="Addresses to listen on, separated by blanks.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    worker: bool = Field(True, description="Do background work inside `phs serve`; no: `phs worker` does it elsewhere.")
    job_lease_seconds: int = Field(
        60, ge=2, description="Seconds without a sign of life after which background work is taken over."
    )
    threads: int = Field(8, ge=1, le=64, description="Worker threads of the embedded server.")
    cookie_secure: Literal["auto", "yes", "no"] = Field(
        "auto", description="Send cookies over HTTPS only; auto: when the public address is https."
    )
    trusted_proxies: int = Field(0, ge=0, le=5, description="Reverse proxies in front whose X-Forwarded-* is believed.")
    max_upload_mb: int = Field(
        50,
        ge=1,
        le=500,
        description="Largest upload, in MiB, at most 500; signing such a file takes twice its size in memory.",
    )
    signing_workers: int | None = Field(
        None,
        ge=0,
        le=16,
        description="Processes in which documents of a batch are signed side by side, 70 MB each while a batch lasts; "
        "0: one document after the other; empty: one more than cores, at most 5, from twenty documents on.",
    )
    soffice: str = Field(
        "", description="LibreOffice, which turns Word files into PDF; empty: found on the PATH; `no`: switched off."
    )
    word_seconds: float = Field(60.0, gt=0, description="Seconds that turning one Word file into PDF may take.")
    import_max_rows: int = Field(50_000, ge=1, description="Most rows of a workbook that one import takes.")
    session_idle_minutes: int = Field(60, ge=5, description="Minutes without a request after which a log-in ends.")
    session_hours: int = Field(12, ge=1, description="Hours after which a log-in ends in any case.")
    step_up_minutes: int = Field(10, ge=1, description="Minutes for which a confirmed password allows signing.")
    account_idle_days: int = Field(45, ge=1, description="Days without log-in after which an account is disabled.")
    login_attempts: int = Field(5, ge=1, description="Wrong passwords in a row before an account is locked.")
    login_lock_minutes: int = Field(15, ge=1, description="Minutes for which such an account stays locked.")
    small_cell: int = Field(5, ge=0, description="Public counts below this are not shown (personal-data law).")
    tsa_url: str = Field(
        "",
        description="RFC 3161 time-stamping services, in order, separated by blanks; empty: the ward's own demo TSA if "
        "it has one.",
    )
    tsa_timeout: float = Field(180.0, gt=0, description="Seconds to wait for the time-stamping service.")
    revocation_fetch: bool = Field(
        False,
        description="Ask the OCSP and CRL addresses in certificates of the ward's own signers, of its time-stamping "
        "services and of authorities, all issued by authorities of its trust list; addresses that only a stranger's "
        "file names are never asked. For levels B-LT and B-LTA and for long-term preservation; no: only the "
        "revocation lists loaded on the page of the trust list.",
    )
    preserve_until: int = Field(
        2035,
        ge=2026,
        le=2999,
        description="Year to whose end every published file must still verify; looked at every night.",
    )
    csc_services: dict[str, RemoteSigning] = Field(
        {},
        repr=False,
        description='Remote signing providers, JSON: `{"key": {"name": "…", "url": "https://…", "token": "…"}}`; '
        "instead of `token` also `client_id` and `client_secret`.",
    )
    pkcs11_modules: dict[str, Path] = Field(
        {}, description='PKCS#11 modules of tokens or an HSM at the server, JSON: `{"HSM": "/usr/lib/….so"}`.'
    )
    agent_port: int = Field(
        17273, ge=1, le=65535, description="Port of the signing agent on staff members' own computers."
    )
    vgca_service: str = Field(
        "",
        pattern=r"^$|^wss?://(127\.0\.0\.1|localhost):\d{2,5}$",
        description="VGCA's signing tool on staff members' own computers, usually `wss://127.0.0.1:8987`; empty: "
        "signing pages do not offer it.",
    )
    verify_seconds: float = Field(20.0, gt=0, description="Seconds a file may be examined on the public page.")
    smtp_url: str = Field(
        "",
        repr=False,
        pattern=r"^$|^smtps?://[^/]+/?$",
        description="Mail server of the morning's reminders, `smtp://user:password@host:587` or `smtps://…`; empty: no "
        "mail. A password is sent over TLS only.",
    )
    mail_from: str = Field("phuong-so@localhost", pattern="@", description="Sender of these mails.")
    webhook_inner: bool = Field(
        False, description="Let webhooks call addresses of this machine and its inner network; only where wanted."
    )
    webhook_http: bool = Field(False, description="Let webhooks call plain `http://`; for tests on one machine only.")
    rate_limits: bool = Field(True, description="Limit log-in attempts and public checks per address.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged.")

    @property
    def url(self) -> str:
        """The database address, filled in."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'phuong-so.db').absolute()}"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are marked Secure."""
        return self.cookie_secure == "yes" or (self.cookie_secure == "auto" and self.base_url.startswith("https://"))
