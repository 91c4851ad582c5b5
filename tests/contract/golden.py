"""One example of every message of nas.v1, in Python; its bytes lie in ``frames/v1/``.

Every field that has a default is given another value here, so that each one is seen on the wire.
The files are frozen with the release that first had them. ``<tag>.hex`` is the first form of a
message. When it, or a value in it, gains a field with a default, that file stays as it is and goes
on decoding (``EARLIER``); ``<tag>.2.hex`` and so on show the message with the field, and the
newest form is what today's code writes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.access import Role
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.clone import Rival
from nas_desktop.domain.desk_scope import Circle, DeskScope
from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Basis, Hit, HitId, HitReason, MatchClass
from nas_desktop.domain.hit_life import DecidedStep, Step, StepKind
from nas_desktop.domain.query import Direction, DirectionSource, Where
from nas_desktop.domain.read import Read, ReadFlag, ReadId
from nas_desktop.domain.search_access import (
    AccessPolicy,
    Authority,
    Band,
    Decision,
    Denial,
    Purpose,
    Rule,
    SearchReason,
)
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action, ListSource, Mmc, VoiEntry
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.audit import (
    AuditAction,
    AuditFilter,
    AuditItem,
    AuditRecord,
    AuditRow,
    Countersignature,
    Tampering,
    Verdict,
)
from nas_desktop.services.audit_ports import (
    Check,
    CheckVerdict,
    OutlierPage,
    ProofState,
    SampleItem,
    SamplePage,
    SubjectReport,
    TransparencyReport,
)
from nas_desktop.services.audit_review import Count, Outlier, Transparency, Why
from nas_desktop.services.desks import (
    DeskReport,
    DeskState,
    HistoryPage,
    Notice,
    ReceiptFigures,
    Uncovered,
)
from nas_desktop.services.dry_run import DayHits, DryRunReport, EntryHits
from nas_desktop.services.events import (
    HopState,
    HopStatus,
    ImageKind,
    ListState,
    NodeState,
    Outage,
    PncState,
    PncStatus,
    TestLeg,
    TestResult,
)
from nas_desktop.services.exports import ExportHead
from nas_desktop.services.lists import (
    EntryFound,
    ImportChoices,
    ImportReport,
    ListCounts,
    ListEvent,
    ListReceiver,
    ListVersion,
)
from nas_desktop.services.map_link import CameraState, CameraStatus, MapPicture
from nas_desktop.services.map_points import MapPoints, PointCamera
from nas_desktop.services.point_pack import binary
from nas_desktop.services.searches import (
    Bucket,
    Coverage,
    CoverageGap,
    ExportDone,
    ExportFormat,
    FoundRead,
    GapKind,
    Holder,
    Order,
    PastSearch,
    Preserved,
    SavedSearch,
    SearchPage,
    SearchProgress,
)
from nas_desktop.services.sheets import SheetKind, SheetRecord

FRAMES = Path(__file__).parent / "frames" / "v1"

T = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
READ_ID = ReadId(bytes.fromhex("00112233445566778899aabbccddeeff"))
OTHER_READ_ID = ReadId(bytes.fromhex("ffeeddccbbaa99887766554433221101"))
HIT_ID = HitId(bytes.fromhex("ffeeddccbbaa99887766554433221100"))
STEP_ID = bytes.fromhex("0f0e0d0c0b0a09080706050403020100")
DIGEST = "3f" * 32
JPEG = bytes.fromhex("ffd8ffd9")


AUDIT_RECORD = AuditRecord(
    AuditAction.SEARCH,
    T,
    "asmith",
    "desk 1",
    "s1",
    "AB51ABC",
    {"where": "both"},
    event_id="e1",
    role="analyst",
    on_behalf_of="DS Rees",
    reason_code=5,
    purpose="MAJOR",
    justification="Van seen at the burglary in Bath.",
    reference="52/1234/26",
    authority="AU-1",
    criteria="from=2026-08-20T00:00:00Z&to=2026-08-21T00:00:00Z&vrm=AB51ABC",
    band="B",
    oldest_age_days=92,
    decision="allowed",
    result_count=3,
    read_ids_hash=DIGEST,
    recipients="CPS Wessex",
    gsc="OFFICIAL",
    file_sha256=DIGEST,
    app_version="0.1.0",
)
AUDIT_ITEM = AuditItem(7, bytes(32), bytes(range(32)), b"\x80")
CHECK = Check(7, CheckVerdict.QUERY, "Which burglary?", "crees", T)
TRANSPARENCY = TransparencyReport(
    T, T + timedelta(hours=1), Count("reads", 1482), Count("found", 12), 0.0081,
    Count("hits", 40), (Count("P1", 10), Count("P2", 30)), (Count("misread", 6),), 0.15,
    Transparency(
        Count("searches", 9), Count("denied", None), Count("exports", 0), Count("authorities", 0),
        (Count("MAJOR", 9),), (Count("A", 9),),
    ),
    ("Some are damaged.",), "/home/auditor/report.csv", DIGEST,
)  # fmt: skip
COUNTERSIGNATURE = Countersignature(
    "a1b2c3d4a1b2c3d4", 7, bytes(range(32)), T, "5e5e5e5e5e5e5e5e", bytes(32), bytes(64)
)


SEARCH_REASON = SearchReason(
    Purpose.MAJOR,
    5,
    "Van seen at the burglary in Bath.",
    "52/1234/26",
    "DS Rees",
    "A-20261120-0a0b0c",
)
DECISION = Decision(
    Band.B, 92, (Denial(Rule.AUTHORITY_MISSING, "Needs an authority.", "Ask."),), T, True, True
)
QUERY = "from=2026-11-19T12:00:00Z&to=2026-11-20T12:00:00Z&vrm=AB5?*"
POLICY = AccessPolicy(
    frozenset({Role.ANALYST}),
    frozenset({Role.ANALYST}),
    frozenset({Role.ANALYST}),
    {Band.A: frozenset({Purpose.MAJOR})},
    ("Inspector",),
    {Band.B: "Inspector"},
    24,
    60,
    6,
    timedelta(hours=12),
    timedelta(hours=6),
    True,
    True,
)


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
FIRST_HIT = Hit(
    hit_id=HIT_ID,
    read=READ,
    reasons=(HitReason("07_Cheshire", 214, "CHESH", MatchClass.EXACT, Tier.P1, ENTRY),),
    desk_received_at=after(1.25),
    matched_at=after(1.5),
    is_late=False,
    is_simulation=True,
)
SECOND_HIT = replace(
    FIRST_HIT,
    reasons=(
        replace(
            FIRST_HIT.reasons[0],
            match_class=MatchClass.MISREAD,
            tier=None,
            source=ListSource.NATIONAL,
            loaded_at=T,
            distance=0.25,
            confidence=62,
            basis=Basis.CHANGED,
            basis_at=after(30),
        ),
    ),
    mmc=Mmc("VAUXHALL", "ASTRA", "RED"),
)
HIT = replace(
    SECOND_HIT,
    rival=Rival(
        replace(READ, read_id=OTHER_READ_ID, camera=CameraId("52", 4, 1), alias="Leeds 02"),
        94_210.0,
        660.0,
        319.5,
    ),
)
FIRST_STEP = Step(
    STEP_ID, HIT_ID, StepKind.ACTION, "A. Khan", "desk 1", after(10), "deployed", "AX1"
)
STEP = replace(FIRST_STEP, to="desk 2", until=after(300), undoes=bytes(range(16)))
OUTAGE = Outage("server", T, after(60), 1_200)


def _verdicts(step: Step) -> list[DecidedStep]:
    return [
        DecidedStep(step, after(10.25)),
        DecidedStep(
            replace(step, kind=StepKind.ACKNOWLEDGE, code="", text=""),
            after(10.5),
            is_accepted=False,
            refusal="second",
            first_by="B. Jones",
            first_at=after(9),
            is_provisional=True,
        ),
    ]


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
COUNTS = ListCounts(entries=6, stop=3, assess=2, no_alert=1, patterns=1, future=1, weeded=2)
VERSION = ListVersion(
    revision=214,
    event=ListEvent.EDITED,
    at=T,
    base=3,
    base_revision=212,
    steps=2,
    by="akhan",
    why="Vehicle found.",
    counts=COUNTS,
)
FACTS = m.ListFacts(ListSource.PNC_EXTRACT, True, False, after(28_800), COUNTS)
BLOCK = bytes.fromhex(
    "010028b52ffd207a3d0300c206171a608975d8deac0b18acd18bda5114dc1ee3db21253af1753818e480ffff"
    "91baca5b8d4c27cb35b7fbbc0e439034076aa5d79499f2864f6c0a28212626a0c3c0e68081a51dc42222766b"
    "45f328262c09b3b2b4b7460e6fddd8ca83ad020070a997ba6619"
)
"""One row, ``ENTRY``; any zstd frame of the same text is as good."""

LIST_STATE = ListState(
    name="07_Cheshire",
    revision=214,
    badge="CHESH",
    entries=6,
    loaded_at=T,
    source=ListSource.MIDAS,
    is_own=True,
    is_stored=False,
    is_enabled=False,
    finds_misreads=True,
    owner="akhan",
    authority="DSA 12/26",
    next_due_at=after(86_400),
    version=VERSION,
    next_weed=(date(2026, 11, 28), 2),
)
FIRST_STATE = NodeState(
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
SECOND_STATE = replace(
    FIRST_STATE,
    lists=(LIST_STATE,),
    pnc=PncState(PncStatus.EXTRACT, T, after(-32_400), 0.25, 120, 3, "PNC does not answer."),
    possible_misreads="Threshold raised to 62 %: 4 candidates in ten minutes.",
)
SCOPE = DeskScope(("07/12",), (Circle(Position(51.5, -2.25), 5_000.0),), ("07_Cheshire",))
DESK_REPORT = DeskReport(
    operator="A. Khan",
    is_attended=True,
    since=T,
    is_supervisor=True,
    waiting={"P1": 1},
    oldest_at=after(3),
    muted_until=after(300),
    muted_by="A. Khan",
    filter="P1 P2",
    hides_urgent=True,
    is_flooded=True,
)
STATE = replace(
    SECOND_STATE,
    desks=(DeskState("desk 1", SCOPE, DESK_REPORT, after(2), True),),
    uncovered=Uncovered(3, ("Oak 01 North",), ("desk 2",), ("07_Cheshire",)),
    receipts=ReceiptFigures(12, 9, 1, 2, after(4), 1),
    painted_p50_s=1.5,
    painted_p95_s=2.25,
    painted_max_s=5.5,
)
REPORT = ImportReport(
    file="07_Cheshire.csv",
    encoding="UTF-8",
    layout="v3.1",
    records=9,
    doubled=1,
    counts=COUNTS,
    errors=1,
    warnings=2,
    by_code={"V010": 1, "V005": 2},
    findings=(
        Finding(
            9, 5, "V010", Severity.ERROR, "ACTION is not one of the standard words.", "Write Stop."
        ),
    ),
    omitted=2,
    notes=("There are two more sheets.",),
)
CHOICES = ImportChoices(
    name="07_Cheshire",
    source=ListSource.SCHENGEN,
    is_check_only=True,
    publish=True,
    strict=True,
    lenient=True,
    convert_legacy=True,
    allow_patterns=True,
    finds_misreads=True,
    authority="DSA 12/26",
    why="Weekly list.",
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

AUTHORITY = Authority(
    "A-20261120-0a0b0c", "bjones", "B. Jones", "Inspector", "CHESH", T, Purpose.MAJOR, "OP MERCURY",
    T, after(60), after(120), ("AB51ABC",), "asmith", "1234", True, "asmith", after(30),
)  # fmt: skip
EXPORT_HEAD = ExportHead(
    "OFFICIAL", 412, False, "vrm=AB51ABC", "local", "SERIOUS", "OP MERCURY", "A-20261120-1",
    "akhan at desk 1", T, "DS Lowe", "0f" * 16, True, True, ("this desk: 36 of 38 cameras.",),
    ("The national service was not searched.",),
)  # fmt: skip
DRY_RUN = DryRunReport(
    "07_Cheshire", T, after(604_800), 3, 120_000, 312, 280, 32, 4, 2,
    (EntryHits("AB51*", Action.STOP, "Drugs", 280),), (DayHits(date(2026, 11, 20), 312),), T, 60,
    14, after(60), 10, 100, ("1 parts of the store are damaged and were not looked at.",),
)  # fmt: skip

POINTS = MapPoints(
    np.array([51.5, np.nan]),
    np.array([-2.25, np.nan]),
    np.array([int(T.timestamp()) * 1_000_000, int(T.timestamp()) * 1_000_000 - 250_000]),
    np.array([0, 0], np.int32),
    np.array([17, 4], np.int32),
    np.array([0, 10], np.int8),
    (PointCamera(CAMERA, "Oak 01 North"),),
    np.array([True, False]),
)

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
    m.Steps(40, _verdicts(STEP), True),
    m.BacklogDone("hits"),
    m.WantImages([READ_ID], [ImageKind.PATCH, ImageKind.OVERVIEW]),
    m.Images([IMAGE]),
    m.NoImage(READ_ID, ImageKind.OVERVIEW, "It has not come from the camera yet."),
    m.HaveLists({"07_Cheshire": 214}, {"PNC Extract": (7, 12)}),
    m.ListPart("07_Cheshire", 212, 0, 1, T, [ENTRY], [BLOCK], FACTS, 214),
    m.PublishList(
        11, "07_Cheshire", 0, 1, [ENTRY], [BLOCK], FACTS, authority="DSA 12/26", on_behalf="akhan"
    ),
    m.ListGone("07_Cheshire"),
    m.ListDelta("07_Cheshire", 212, 214, T, [ENTRY], ["CD12CDE"], 1, 2, FACTS),
    m.WantList("07_Cheshire"),
    m.ListsHeld({"07_Cheshire": 214}),
    m.ImportList(13, "07_Cheshire.csv", CHOICES),
    m.CancelWork(13),
    m.WorkProgress(13, "checking", 4, 9),
    m.EditList(14, "07_Cheshire", [ENTRY], ["CD12CDE"], "Vehicle found.", 213, True, "akhan"),
    m.ChangeList(15, "07_Own", "create", "New list.", "DSA 12/26", True, True, "akhan"),
    m.ListDone(13, "07_Cheshire", 214, True, True, "The list is live.", REPORT),
    m.SearchLists(16, "AB51", "07_Cheshire", 100, 50),
    m.EntriesFound(16, 100, [EntryFound("07_Cheshire", 214, ENTRY)], 101, False),
    m.WantLists(17, True, "akhan"),
    m.Lists(17, [LIST_STATE]),
    m.WantVersions(18, "07_Cheshire", True, "akhan"),
    m.Versions(
        18, "07_Cheshire", [VERSION], [ListReceiver("desk 1", "07_Cheshire", 213, T, True)]
    ),
    m.WantQuiet(19, "07_Cheshire", 200, 100, True, "akhan"),
    m.QuietHits(19, "07_Cheshire", 201, [HIT]),
    m.ExportList(20, "07_Cheshire", "07_Cheshire.csv", True),
    m.PncCheck(21, ["AB51ABC", "CD12CDE"]),
    m.PncAnswer(21, [m.PncReport(0, replace(ENTRY, reason="LOS confirmed"))]),
    m.Test(12, "QQ111QQQ", T),
    m.TestDone(12, TestResult(T, (TestLeg("desk to server and back", 0.25, ""),), 0.5, True, "")),
    m.StopNode(),
    m.SendAudit(31, "a1b2c3d4a1b2c3d4", 7, bytes(range(32)), [AUDIT_ITEM]),
    m.AuditHeld(31, COUNTERSIGNATURE),
    m.WantAudit(
        32,
        AuditFilter(T, after(3600), (AuditAction.SEARCH,), "asmith", ("B",), "52/1234", "a1b2"),
        8,
        50,
    ),
    m.AuditRows(32, [AuditRow(7, AUDIT_RECORD)], 7),
    m.VerifyAudit(33),
    m.ExportAudit(34, "/home/auditor/audit.jsonl"),
    m.AuditDone(
        34, Verdict(12, 5, Tampering.EDITED, "Record 5 was changed."), "/home/a.jsonl", DIGEST
    ),
    m.Search(41, QUERY, Where.BOTH, SEARCH_REASON, "asmith"),
    m.SearchBegan(41, DECISION, "e1"),
    m.SearchTold(
        41,
        SearchProgress(
            412, ((Holder.DESK, 1.0), (Holder.NATIONAL, 0.61)), 3, 9, True, True, 0.18,
            ("A part of the store is damaged.",), (Bucket(T, 12),), 720.0,
            (
                Coverage(
                    Holder.DESK, 38, 36, 0.98,
                    (CoverageGap(CAMERA, "A34 South 7", T, after(60), GapKind.SILENT),),
                    2, ("Damaged.",), T,
                ),
            ),
        ),
    ),
    m.AskDecision(42, QUERY, Where.SERVER, SEARCH_REASON, "asmith"),
    m.Decided(42, DECISION),
    m.WantRows(43, 41, 200, 100, Order.VRM),
    m.FoundRows(
        43,
        SearchPage(
            200,
            (
                FoundRead(
                    READ, (Holder.DESK, Holder.NATIONAL), Direction.N, DirectionSource.LANE, 25,
                    "AB51ABC", True, True,
                ),
            ),
            412,
        ),
    ),
    m.WantPoints(61, 41, 32_768, 32_768, Order.VRM),
    m.FoundPoints(
        61, 32_768, 32_770, binary(POINTS), [PointCamera(CAMERA, "Oak 01 North")]
    ),
    m.EndSearch(41, True),
    m.WantSearchFacts(44),
    m.SearchFacts(44, POLICY, [Camera(CAMERA, "Oak 01 North", CameraKind.FIXED, None, "N")], 12),
    m.WantCameras(45, 2_000),
    m.PutAuthority(46, AUTHORITY, "asmith"),
    m.Countersign(47, "A-20261120-0a0b0c", "bjones"),
    m.WantAuthorities(48, "asmith"),
    m.Authorities(48, [AUTHORITY]),
    m.SaveSearch(49, "A50 corridor", QUERY, Where.BOTH, True, "0a0b0c0d"),
    m.WantSaved(50),
    m.SavedSearches(50, [SavedSearch("0a0b", "A50", "asmith", QUERY, Where.BOTH, T, True)]),
    m.WantPast(51, 20),
    m.PastSearches(51, [PastSearch(T, QUERY, Where.LOCAL, SEARCH_REASON, 412, True)]),
    m.PreserveFound(52, 41, [0, 3], "CPIA 12/26", after(86_400), Order.OLDEST),
    m.WantPreserved(53),
    m.PreservedReads(53, [Preserved(READ, "CPIA 12/26", "asmith", T, after(86_400))], 1),
    m.ExportFound(51, 41, "/home/analyst/reads.csv", ExportFormat.CSV, "DS Lowe", True),
    m.FoundExported(
        51, ExportDone("/home/analyst/reads OFFICIAL.csv", 412, DIGEST, "OFFICIAL")
    ),
    m.CancelExport(51),
    m.WantExportHead(52, 41, "DS Lowe", True),
    m.ExportHeadFound(52, EXPORT_HEAD),
    m.RecordExport(53, 52, "/home/analyst/reads OFFICIAL.pdf", ExportFormat.PDF, DIGEST),
    m.RecordCopy(54, 41, [0, 1, 7], Order.OLDEST),
    m.Recorded(54, "0f" * 16),
    m.DryRun(55, "07_Cheshire", "07_Cheshire.csv", CHOICES),
    m.DryRunDone(55, DRY_RUN),
    m.WantProof(35),
    m.AuditProof(
        35,
        ProofState(
            "a1b2c3d4a1b2c3d4", "desk 1", 12, 7, T, "5e5e5e5e5e5e5e5e", True, "Out of reach."
        ),
    ),
    m.WantSample(36, "2026-11", 100, 50),
    m.AuditSample(
        36,
        SamplePage(
            "2026-11", "2026-11|0f0e", 412, 101, 1, 100,
            (SampleItem(AuditRow(7, AUDIT_RECORD), (Why.BAND, Why.RANDOM), 3, (CHECK,)),),
        ),
    ),
    m.CheckSearch(37, 7, CheckVerdict.QUERY, "Which burglary?"),
    m.SearchChecked(37, CHECK),
    m.WantOutliers(38, "2026-11"),
    m.AuditOutliers(38, OutlierPage("2026-11", 412, (Outlier("asmith", "analyst", 90, 12.5),))),
    m.WantTransparency(39, T, after(3600), "/home/auditor/report.csv"),
    m.TransparencyTold(39, TRANSPARENCY),
    m.WantSubject(40, "AB51ABC", "Request 2026/17 of the keeper.", "/home/auditor/ab51abc.txt"),
    m.SubjectWritten(
        40,
        SubjectReport(
            "AB51ABC", "/home/auditor/ab51abc.txt", DIGEST, 412, 3, 1, 9, 2, ("One is damaged.",)
        ),
    ),
    m.ReportDesk(DESK_REPORT, "desk 1"),
    m.SetScope(31, "desk 1", SCOPE, "crees"),
    m.ScopeSet(31),
    m.WantHistory(32, T, 50, "AB51ABC"),
    m.History(
        32,
        HistoryPage((FIRST_HIT,), (after(60),), (DecidedStep(STEP, after(10.25)),), 1_200, T),
    ),
    m.WantNotices(33, "07_Cheshire", "crees"),
    m.Notices(33, [Notice("07_Cheshire", "AB51ABC", T, "A. Khan", "Sold in May.", HIT_ID)]),
    m.RecordSheet(
        34,
        SheetRecord(
            SheetKind.HANDOVER, (HIT_ID,), "OFFICIAL-SENSITIVE", "/home/akhan/handover.pdf",
            DIGEST, "5e" * 32, "B. Rees",
        ),
    ),
    m.WantCameraStates(62, 1_000, "asmith"),
    m.CameraStates(
        62, 1_000, 1_001,
        [
            CameraState(
                CAMERA, "Oak 01 North", CameraKind.FIXED, Position(52.5, -1.25),
                CameraStatus.DEGRADED, T, "N",
            ),
        ],
        "The server did not answer.",
    ),
    m.RecordMapPicture(
        63,
        MapPicture(
            "Briefing of the night shift.", "DS Lowe, Cheshire", "png", 12, 5_000, 412, DIGEST,
            "map OFFICIAL-SENSITIVE.png",
        ),
    ),
)  # fmt: skip

EARLIER: dict[str, m.Message] = {
    "state.hex": m.State(FIRST_STATE),
    "state.2.hex": m.State(SECOND_STATE),
    "send_steps.hex": m.SendSteps(9, [FIRST_STEP]),
    "steps.hex": m.Steps(40, _verdicts(FIRST_STEP), True),
    "hits.hex": m.Hits(40, [FIRST_HIT], True),
    "hits.2.hex": m.Hits(40, [SECOND_HIT], True),
    "quiet_hits.hex": m.QuietHits(19, "07_Cheshire", 201, [SECOND_HIT]),
    "have_lists.hex": m.HaveLists({"07_Cheshire": 214}),
    "list_part.hex": m.ListPart("07_Cheshire", 214, 0, 1, T, [ENTRY]),
    "publish_list.hex": m.PublishList(11, "07_Cheshire", 0, 1, [ENTRY]),
}
"""What frames of earlier forms decode to: what came later has its default."""


def tag_of(kind: type[m.Message]) -> str:
    """Return the word that names a kind of message on the wire."""
    return str(kind.__struct_config__.tag)


def stored(tag: str) -> bytes:
    """Return the golden frame of a message in its newest form."""
    return frame_in(sorted(FRAMES.glob(f"{tag}.*hex"), key=_form)[-1])


def frame_in(path: Path) -> bytes:
    """Return the bytes that a file shows."""
    return bytes.fromhex(path.read_text(encoding="ascii"))


def tag_in(path: Path) -> str:
    """Return the word of the message that a file shows."""
    return path.name.partition(".")[0]


def _form(path: Path) -> int:
    number = path.name.removeprefix(f"{tag_in(path)}.").removesuffix("hex").removesuffix(".")
    return int(number or 1)
