"""One example of every message of nas.v1, in Python; its bytes lie in ``frames/v1/<tag>.hex``.

Every field that has a default is given another value here, so that each one is seen on the wire.
The files are frozen with the release that first had the message. When a later version adds a
field with a default, the old file must go on decoding; a new file in ``frames/`` shows the field.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import (
    DecidedStep,
    Hit,
    HitId,
    HitReason,
    MatchClass,
    Step,
    StepKind,
)
from nas_desktop.domain.read import Read, ReadFlag, ReadId
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.events import (
    HopState,
    HopStatus,
    ImageKind,
    ListState,
    NodeState,
    Outage,
    TestLeg,
    TestResult,
)

FRAMES = Path(__file__).parent / "frames" / "v1"

T = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
READ_ID = ReadId(bytes.fromhex("00112233445566778899aabbccddeeff"))
HIT_ID = HitId(bytes.fromhex("ffeeddccbbaa99887766554433221100"))
STEP_ID = bytes.fromhex("0f0e0d0c0b0a09080706050403020100")
DIGEST = "3f" * 32
JPEG = bytes.fromhex("ffd8ffd9")


def after(seconds: float) -> datetime:
    return T + timedelta(seconds=seconds)


CAMERA = CameraId("07", 12, 3)
ENTRY = VoiEntry(
    vrm=Vrm("AB51ABC"),
    action=Action.STOP,
    reason="Drugs",
    starts_on=date(2026, 11, 1),
    weed_date=date(2026, 11, 28),
    make="FORD",
    model="FOCUS",
    colour="BLUE",
    warning_signals=("FI",),
    intel="1BP",
    information="Stop.",
    lea_and_area="Cheshire / North",
    pnc_id="12/345A",
    gsc="OFFICIAL",
    cad="1142",
    contact="01606 000000",
)
READ = Read(
    read_id=READ_ID,
    vrm=Vrm("AB51ABC"),
    vrm_raw="AB51 ABC",
    captured_at=T,
    received_at=after(1),
    camera=CAMERA,
    position=Position(51.5, -2.25),
    lane_id="2",
    alias="Oak 01 North",
    username="Unattended",
    preset_id=1,
    kind=CameraKind.FIXED,
    confidence=97,
    patch=DIGEST,
    overview=None,
    flags=(ReadFlag.BUFFERED,),
)
HIT = Hit(
    hit_id=HIT_ID,
    read=READ,
    reasons=(HitReason("07_Cheshire", 214, "CHESH", MatchClass.EXACT, Tier.P1, ENTRY),),
    desk_received_at=after(1.25),
    matched_at=after(1.5),
    is_late=False,
    is_simulation=True,
)
STEP = Step(STEP_ID, HIT_ID, StepKind.ACTION, "A. Khan", "desk 1", after(10), "deployed", "AX1")
OUTAGE = Outage("server", T, after(60), 1_200)
HOP = HopState(
    name="cameras",
    status=HopStatus.CATCHING_UP,
    since=T,
    age_s=0.5,
    held=120,
    oldest_at=T,
    eta_s=4.0,
    live=7,
    total=8,
    detail="",
    clock_offset_s=0.125,
    round_trip_s=0.25,
)
STATE = NodeState(
    node_name="force",
    role="force",
    at=T,
    is_simulation=True,
    hops=(HOP,),
    reads_total=1_000,
    reads_per_s=5.0,
    hits_total=3,
    hits_10_min=1,
    latency_p50_s=1.25,
    latency_p95_s=1.5,
    latency_max_s=2.0,
    last_hit_at=T,
    lists=(ListState("07_Cheshire", 214, "CHESH", 1, T),),
    outages=(OUTAGE,),
    refused={"read": 2},
    is_stored=False,
    key_source="session",
    problem="The disk is full.",
)
RAW = m.RawReadItem(
    vrm="AB51 ABC",
    captured_at=T,
    feed_id="07",
    source_id=12,
    nrd_id=3,
    latitude=51.5,
    longitude=-2.25,
    lane_id="2",
    alias="Oak 01 North",
    username="Unattended",
    preset_id=1,
    kind="fixed",
    confidence=97,
    patch=DIGEST,
    overview=DIGEST,
    received_at=after(1),
)
IMAGE = m.ImageItem(READ_ID, ImageKind.PATCH, JPEG)

MESSAGES: tuple[m.Message, ...] = (
    m.Hello(
        ["nas.v1"], "camera", "Oak", True, T, "a1b2c3d4", "nas-desktop 0.1.0", "key",
        "0011223344556677",
    ),
    m.Welcome(
        "0011223344556677", "key", "a1b2c3d4", "force", "force", True, T, "nas.v1", 2.0, 60_000,
        1_000_000,
    ),
    m.Refusal("not_signed_in", "Nobody is signed in on this session.", "Sign in first.",
              "send_reads", 7),
    m.SignIn(1, "akhan", "correct horse", True),
    m.SignedIn(1, "token", "akhan", "A. Khan", ["dispatcher"], after(43_200), True),
    m.SignOut(),
    m.Heartbeat(5, T, 120, T),
    m.HeartbeatReply(5, T, after(0.25), after(0.5)),
    m.State(STATE),
    m.Bye("closing"),
    m.Cameras([Camera(CAMERA, "Oak 01 North", CameraKind.FIXED, Position(51.5, -2.25), "N")]),
    m.SendReads(7, [RAW], True),
    m.SendImages(8, [IMAGE]),
    m.SendSteps(9, [STEP]),
    m.SendGaps(10, [OUTAGE]),
    m.Stored(7, [m.RefusedItem(0, "vrm", "The VRM is empty.")]),
    m.Subscribe("hits", "e1", 40, [(10, 12)], 5_000),
    m.Subscribed("hits", "e1", 50, [(10, 12), (40, 50)]),
    m.Reads(40, [READ], True),
    m.Hits(40, [HIT], True),
    m.Steps(
        40,
        [
            DecidedStep(STEP, after(10.25)),
            DecidedStep(
                replace(STEP, kind=StepKind.ACKNOWLEDGE, code="", text=""),
                after(10.5),
                is_accepted=False,
                refusal="second",
                first_by="B. Jones",
                first_at=after(9),
                is_provisional=True,
            ),
        ],
        True,
    ),
    m.BacklogDone("hits"),
    m.WantImages([READ_ID], [ImageKind.PATCH, ImageKind.OVERVIEW]),
    m.Images([IMAGE]),
    m.NoImage(READ_ID, ImageKind.OVERVIEW, "It has not come from the camera yet."),
    m.HaveLists({"07_Cheshire": 214}),
    m.ListPart("07_Cheshire", 214, 0, 1, T, [ENTRY]),
    m.PublishList(11, "07_Cheshire", 0, 1, [ENTRY]),
    m.ListGone("07_Cheshire"),
    m.Test(12, "QQ111QQQ", T),
    m.TestDone(12, TestResult(T, (TestLeg("desk to server and back", 0.25, ""),), 0.5, True, "")),
    m.StopNode(),
)  # fmt: skip


def tag_of(kind: type[m.Message]) -> str:
    """Return the word that names a kind of message on the wire."""
    return str(kind.__struct_config__.tag)


def stored(tag: str) -> bytes:
    """Return the golden frame of a message."""
    return bytes.fromhex((FRAMES / f"{tag}.hex").read_text(encoding="ascii"))
