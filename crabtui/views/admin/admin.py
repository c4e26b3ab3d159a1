"""The Admin view: health of the engine, limits, settings, keys, and who did what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.admin.audit_lines import AuditRow, rows_of
from crabtui.data.admin.cron_lines import cron_summary
from crabtui.data.admin.limit_rows import limit_rows
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Token
from crabtui.data.wording import Zone, age, plural
from crabtui.dialogs.key_rows import KeyRow
from crabtui.messages import Aimed, Came, SituationChanged, Wanted
from crabtui.topics.admin import ACTS, CRONS, ENGINE, SETTINGS, TENANTS
from crabtui.topics.places import QUEUES
from crabtui.topics.topic import Topic
from crabtui.views.admin.cron_table import CronTable
from crabtui.views.admin.panes import EnginePane, KeysPane, LookRow, LooksTable
from crabtui.views.admin.tables import AuditTable, LimitTable, SettingTable, TenantTable
from crabtui.views.telling import tell
from crabtui.widgets.bars.view_tabs import ViewTabs
from crabtui.widgets.line import Line, Part
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import CronView, JobRow, QueuesView, Stats, TenantsView

TABS: Final = (
    ("engine", "Engine"),
    ("tenants", "Tenants"),
    ("limits", "Limits"),
    ("crons", "Crons"),
    ("settings", "Settings"),
    ("keymap", "Keys"),
    ("looks", "Looks"),
    ("audit", "Audit"),
)

NAMES: Final = [name for name, _ in TABS]

NEEDS: Final[dict[str, tuple[Topic[bool, Any], ...]]] = {
    "engine": (ENGINE,),
    "tenants": (TENANTS,),
    "limits": (QUEUES, TENANTS),
    "crons": (CRONS,),
    "settings": (SETTINGS,),
    "audit": (ACTS,),
}
"""What each tab looks at."""

TOPICS: Final = (ENGINE, TENANTS, CRONS, SETTINGS, ACTS, QUEUES)

NOW_ONLY: Final = {
    "engine": "as it is now",
    "tenants": "as they are now",
    "limits": "tenants as they are now",
    "crons": "as they are now",
    "settings": "as they are now",
}
"""Tabs of what is not remembered: what they say while the past is looked at."""

ASKING: Final = "asking …"

OWN: Final = {
    "audit": (Scope.AUDIT,),
    "looks": (Scope.LOOKS,),
    "crons": (Scope.CRONS,),
}
"""Tabs with actions of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the view is told by the console itself."""

    own: Callable[[], Sequence[AuditRow]]
    """What this console was refused."""
    undone_at: Callable[[], int | None]
    """When it did what `u` takes back; None: nothing is."""
    keys: Callable[[], Sequence[KeyRow]]
    looks: Callable[[], Sequence[LookRow]]
    is_past: Callable[[], bool]
    """Whether a moment of the past is looked at."""


@dataclass(slots=True)
class Known:
    """The newest answers."""

    stats: Stats | None = None
    tenants: TenantsView | None = None
    queues: QueuesView | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """By the name of a topic: why there is no answer."""

    def waits_for(self, *topics: Topic[Any, Any]) -> str:
        """What to say while these have not come."""
        return next((self.refused[t.name] for t in topics if t.name in self.refused), ASKING)


class AdminView(Vertical):
    """Tabs; posts what the one in sight looks at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.press('tab')", show=False),
        Binding("shift+tab", "app.press('shift+tab')", show=False),
    ]
    DEFAULT_CSS = """
    AdminView { height: 1fr; }
    AdminView > ContentSwitcher { height: 1fr; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    targets: tuple[JobRow, ...] = ()
    queue = None

    def __init__(self, around: Around, *, ascii_only: bool) -> None:
        super().__init__(id="admin")
        self._around = around
        self._ascii = ascii_only
        self._known = Known()
        self._now_at = 0
        self._is_stale = False
        self._in_sight = False
        self._first = "engine"

    @property
    def kept(self) -> Mapping[str, Any]:
        """The tab, for the next start."""
        return {"tab": self.tab if self.is_mounted else self._first}

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Begin with this tab."""
        if kept.get("tab") in NAMES:
            self._first = kept["tab"]

    def compose(self) -> ComposeResult:
        yield ViewTabs(TABS, self._first, ascii_only=self._ascii, id="panes")
        yield Told(ascii_only=self._ascii)
        with ContentSwitcher(initial=self._first):
            for name, _ in TABS:
                pane = self._made(name)
                pane.id = name
                yield pane

    def _made(self, name: str) -> TextPane:
        kinds: dict[str, Callable[..., TextPane]] = {
            "engine": EnginePane,
            "tenants": TenantTable,
            "limits": LimitTable,
            "crons": CronTable,
            "settings": SettingTable,
            "keymap": KeysPane,
            "looks": LooksTable,
            "audit": AuditTable,
        }
        return kinds[name](ascii_only=self._ascii)

    @property
    def tab(self) -> str:
        """The name of the tab in sight."""
        return self.query_one("#panes", ViewTabs).active

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Where keys work now."""
        return (*OWN.get(self.tab, ()), Scope.ADMIN, Scope.GLOBAL)

    @property
    def act(self) -> AuditRow | None:
        """The act under the cursor of the command log."""
        return self.query_one(AuditTable).row if self.tab == "audit" else None

    @property
    def cron(self) -> CronView | None:
        """What recurs, under the cursor."""
        return self.query_one(CronTable).row if self.tab == "crons" else None

    @property
    def look_row(self) -> LookRow | None:
        """The setting of the console under the cursor."""
        return self.query_one(LooksTable).row if self.tab == "looks" else None

    @property
    def address(self) -> Address:
        """This view has one address."""
        return Address(view="admin")

    def enter(self) -> None:
        """It is looked at."""
        self._in_sight = True
        self._aim()
        self._pane().focus()

    def leave(self) -> None:
        """It is not looked at any more."""
        self._in_sight = False
        self._aim()

    def show_tab(self, name: str) -> None:
        """Turn to a tab."""
        self.query_one("#panes", ViewTabs).choose(name)
        self.query_one(ContentSwitcher).current = name
        self._draw()
        if self._in_sight:
            self._aim()
            self._pane().focus()
        tell(self, SituationChanged())

    def do_next_pane(self) -> None:
        """The tab to the right."""
        self._turn(1)

    def do_previous_pane(self) -> None:
        """The tab to the left."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self.show_tab(NAMES[(NAMES.index(self.tab) + by) % len(NAMES)])

    @on(ViewTabs.Chosen)
    def _chosen(self, event: ViewTabs.Chosen) -> None:
        event.stop()
        self.show_tab(event.tab)

    def do_admin_open(self) -> None:
        """Change the look under the cursor, or read the receipt of the act."""
        if self.tab == "looks":
            tell(self, Wanted("settings"))
        elif self.tab == "audit":
            tell(self, Wanted("receipt"))

    def _aim(self) -> None:
        """Look at what the tab in sight shows, and at nothing else."""
        wanted = NEEDS.get(self.tab, ()) if self._in_sight else ()
        for topic in TOPICS[:-1]:
            tell(self, Aimed(topic, True if topic in wanted else None))
        if QUEUES in wanted:
            tell(self, Aimed(QUEUES, True))

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        known = self._known
        if event.topic in TOPICS:
            known.refused.pop(event.topic.name, None)
            if refusal := event.refusal(event.topic):
                known.refused[event.topic.name] = refusal
        if (stats := event.of(ENGINE)) is not None:
            known.stats = stats
        elif (tenants := event.of(TENANTS)) is not None:
            known.tenants = tenants
        elif (queues := event.of(QUEUES)) is not None:
            known.queues = queues
        elif (crons := event.of(CRONS)) is not None:
            known.answers["crons"] = crons
        elif (settings := event.of(SETTINGS)) is not None:
            known.answers["settings"] = settings
        elif (acts := event.of(ACTS)) is not None:
            known.answers["acts"] = acts
        elif event.topic.name not in known.refused:
            return
        self._draw()

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self._now_at, self._is_stale = now_at, stale
        self._draw()

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        table = self.query_one(AuditTable)
        table.zone = zone
        table.relay()

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""

    def step_back(self) -> bool:
        """Nothing to undo here."""
        return False

    def on_line_table_cursor_moved(self, event: AuditTable.CursorMoved) -> None:
        event.stop()
        tell(self, SituationChanged())

    def _pane(self) -> Widget:
        return self.query_one(f"#{self.tab}")

    def _draw(self) -> None:
        """Draw the tab in sight."""
        text = getattr(self, f"_draw_{self.tab}")()
        is_bad = text in self._known.refused.values()
        self.query_one(Told).show(text, self._old(), is_bad=is_bad)

    def _old(self) -> str:
        stats = self._known.stats
        if not self._is_stale:
            return NOW_ONLY.get(self.tab, "") if self._around.is_past() else ""
        seen = f", as of {age(stats.now_at, self._now_at)} ago" if stats is not None else ""
        return f"not connected{seen}"

    def _draw_engine(self) -> str:
        stats = self._known.stats
        self.query_one(EnginePane).show(stats, self._now_at)
        if stats is None:
            return self._known.waits_for(ENGINE)
        return "how the engine itself is doing, since it was started"

    def _draw_tenants(self) -> str:
        found = self._known.tenants
        if found is None:
            return self._known.waits_for(TENANTS)
        self.query_one(TenantTable).show(found.tenants)
        named = plural(len({one.tenant for one in found.tenants}), "tenant")
        return f"{named}: what they have of all workers" if found.tenants else NO_TENANTS

    def _draw_limits(self) -> str:
        if self._known.queues is None or self._known.tenants is None:
            return self._known.waits_for(QUEUES, TENANTS)
        rows = limit_rows(self._known.queues, self._known.tenants)
        self.query_one(LimitTable).show(rows)
        full = sum(row.now >= row.most for row in rows)
        return f"{plural(len(rows), 'limit')}, {full} reached" if rows else NO_LIMITS

    def _draw_crons(self) -> str:
        found = self._known.answers.get("crons")
        if found is None:
            return self._known.waits_for(CRONS)
        table = self.query_one(CronTable)
        table.now_at = max(self._now_at, found.now_at)
        table.show(found.crons)
        return cron_summary(found.crons)

    def _draw_settings(self) -> str:
        found = self._known.answers.get("settings")
        if found is None:
            return self._known.waits_for(SETTINGS)
        given = [one for one in found.settings if one.source != "default"]
        rest = [one for one in found.settings if one.source == "default"]
        self.query_one(SettingTable).show([*given, *rest])
        return f"{plural(len(given), 'setting')} given, {len(rest)} left to the default"

    def _draw_keymap(self) -> str:
        rows = self._around.keys()
        self.query_one(KeysPane).show(rows)
        faults = sum(row.is_fault for row in rows)
        return f"{plural(faults, 'entry')} of the key file ignored" if faults else "all keys"

    def _draw_looks(self) -> str:
        self.query_one(LooksTable).show(self._around.looks())
        return "the console itself; enter changes it"

    def _draw_audit(self) -> str:
        found = self._known.answers.get("acts")
        around = self._around
        known = found.acts if found is not None else ()
        own = () if around.is_past() else around.own()
        rows = rows_of(known, own, around.undone_at())
        self.query_one(AuditTable).show(rows)
        if found is None:
            return self._known.waits_for(ACTS)
        return f"the newest {plural(len(rows), 'act')}" if rows else "nobody did anything yet"


NO_TENANTS: Final = "no tenant has live jobs, and none is configured"
NO_LIMITS: Final = "nothing is limited: `crabtui queues limit NAME N`, or the configuration"


class Told(Line):
    """What a tab shows, in a sentence; at the right end what keeps it from being new."""

    _text = ""
    _right = ""
    _tone: Token = "muted"

    def show(self, text: str, right: str = "", *, is_bad: bool = False) -> None:
        """Say this."""
        tone: Token = "bad" if is_bad else "muted"
        if (text, right, tone) != (self._text, self._right, self._tone):
            self._text, self._right, self._tone = text, right, tone
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        if not self._right:
            return [Part(f" {self._text}", self._tone)]
        room = max(width - len(self._right) - 4, 0)
        return [Part(f" {fit(self._text, room)}  ", self._tone), Part(self._right, "warn")]
