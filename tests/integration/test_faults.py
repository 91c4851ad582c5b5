"""Faults of the environment: a full disk, a certificate, a sign-in that has run out."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.node.sign_in import DEMO_PASSWORD
from nas_desktop.node.upstream import Above
from nas_desktop.services.events import HitsRaised, SignInLost
from tests.nodes import a_caller, a_node, a_window, live_entry, now_item, publish, settle


def _batch() -> list[m.RawReadItem]:
    return [now_item(f"AB{i:03d}XY", alias="x" * 60) for i in range(150)]


async def test_that_a_full_disk_refuses_reads_in_words_and_recovers(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_caller(node.port, "demo-cameras", "camera") as cameras:
        database = node.stores.reads.database
        pages = int(str(database._db.pragma("page_count")))
        await database.call(database._db.pragma, "max_page_count", pages)

        async def send_many() -> None:
            for _attempt in range(20):
                await cameras.ask(lambda n: m.SendReads(n, _batch()))

        with pytest.raises(Refused) as refusal:
            await send_many()
        assert refusal.value.code == "disk_full"
        assert "Free space" in node.state().problem
        stored = node.stores.reads.end()
        await database.call(database._db.pragma, "max_page_count", 1_000_000)
        await cameras.ask(lambda n: m.SendReads(n, _batch()))
        assert node.stores.reads.end() == stored + 150
        node.changed()
        assert node.state().problem == ""


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test server")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


async def test_that_the_way_up_is_encrypted_and_the_server_is_proven(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    trusting = ssl.create_default_context(cafile=str(cert))
    async with a_node(tmp_path / "force", server_tls=server) as force:
        way = Above(f"wss://127.0.0.1:{force.port}", "demo-desk", DEMO_PASSWORD)
        async with a_node(tmp_path / "d1", "desk", above=way, client_tls=trusting) as desk:
            await settle(lambda: desk.upstream is not None and desk.upstream.client.is_ready)
        async with a_node(tmp_path / "d2", "desk", above=way) as desk:
            # This one trusts the system's authorities only, and the server's is none of them.
            assert desk.upstream is not None
            await settle(lambda: "certificate" in desk.state().hops[0].detail.lower())
            assert not desk.upstream.client.is_ready


async def test_that_an_expired_sign_in_ends_the_hits_and_says_so(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        await publish(node.port, live_entry())
        desk = node.sign_ins
        real = desk.claims

        def expired(token: str):
            operator = real(token)
            is_operator = operator is not None and operator.username == "demo-operator"
            return None if is_operator else operator

        desk.claims = expired  # type: ignore[method-assign]
        lost = await window.until(lambda e: isinstance(e, SignInLost))
        assert "Sign in again" in lost.remedy
        async with a_caller(node.port, "demo-cameras", "camera") as cameras:
            await cameras.ask(lambda n: m.SendReads(n, [now_item()]))
        await settle(lambda: node.engine.hits.end == 1)
        assert not any(isinstance(e, HitsRaised) for e in window.events)


async def test_that_an_account_that_is_gone_ends_the_sign_in_after_a_reconnection(
    tmp_path: Path,
) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        account = next(
            a for a in node.stores.operational.accounts() if a.username == "demo-operator"
        )
        node.stores.operational.put_account(replace(account, is_disabled=True))
        await node.sign_ins.open(is_simulation=True)
        peers = [session.peer for session in node._own_server._sessions.values()]
        await asyncio.gather(*(peer.close() for peer in peers))
        await window.until(lambda e: isinstance(e, SignInLost))


async def test_that_a_desk_vouches_for_whom_it_knows_while_the_server_is_away(
    tmp_path: Path,
) -> None:
    from tests.nodes import above

    async with (
        a_node(tmp_path / "force") as force,
        a_node(tmp_path / "desk", "desk", above=above(force), is_simulation=True) as desk,
    ):
        await settle(lambda: desk.upstream is not None and desk.upstream.client.is_ready)
        async with a_window(desk, username="") as window:
            known = await window.link.sign_in("demo-operator", DEMO_PASSWORD)
            assert not known.is_vouched
            await force.stop()
            again = await window.link.sign_in("demo-operator", DEMO_PASSWORD)
            assert again.is_vouched
            with pytest.raises(Refused):
                await window.link.sign_in("demo-operator", "wrong")
