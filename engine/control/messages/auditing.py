"""What operators did, and following what they do."""

from engine.control import views
from engine.control.messages.request import Request, Stream, Whole


class ListActs(Request[views.ActsPage], frozen=True, tag="audit"):
    """The audit trail: the newest acts before `before`, under all conditions given."""

    before: Whole | None = None
    limit: Whole = 100
    actor: str | None = None
    act: str | None = None
    """A verb, such as `cancel` or `set_queue`."""
    since_at: Whole = 0
    as_of: Whole | None = None
    """Nothing of what was done after this event."""


class FollowAct(Stream[views.ActProgress], frozen=True, tag="follow_act"):
    """How far an act has come, by the key that its author gave it, until it is over."""

    key: str


class StopAct(Request[views.Acted], frozen=True, tag="stop_act"):
    """Have an act leave alone what it has not come to yet."""

    key: str


class ReadReceipt(Request[views.ReceiptPage], frozen=True, tag="receipt"):
    """What became of each object of an act, in pages; what was refused comes first.

    Either by the `key` that its author gave it, or by the `seq` of its event. The receipts
    of the newest acts are kept, until the daemon ends.
    """

    key: str = ""
    seq: Whole | None = None
    offset: Whole = 0
    limit: Whole = 200
    refused: bool = False
    """Only what was refused."""
