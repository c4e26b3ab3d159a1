"""What the feed tells the app: one message for each thing that may have changed."""

from typing import Any

from textual.message import Message

from crabtui.link import Link
from crabtui.topics.topic import A, R, Topic
from engine.control.messages import Pulse
from engine.errors import EngineError


class LinkChanged(Message):
    """The connection came, went, or tries again."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class PulseCame(Message):
    """The daemon was heard."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self.pulse = pulse


class Aimed(Message):
    """A view wants to see this of a topic from now on; None: nothing any more."""

    def __init__(self, topic: Topic[A, Any], aim: A | None) -> None:
        super().__init__()
        self.topic = topic
        self.aim = aim


class Came(Message):
    """What was aimed at; `error` instead of `answer` if it was refused."""

    def __init__(
        self,
        topic: Topic[A, R],
        aim: A,
        answer: R | None,
        error: EngineError | None = None,
        *,
        as_of: int | None = None,
    ) -> None:
        """`as_of` is the event that it is about; None: now."""
        super().__init__()
        self.as_of = as_of
        self.topic: Topic[Any, Any] = topic
        self.aim: Any = aim
        self.answer: Any = answer
        self.error = error

    def of(self, topic: Topic[A, R]) -> R | None:
        """The answer, if it is of this topic and there is one."""
        return self.answer if self.topic is topic else None

    def refusal(self, topic: Topic[Any, Any]) -> str:
        """Why there is no answer, if it is of this topic; else empty."""
        return self.error.message if self.topic is topic and self.error is not None else ""


class Said(Message):
    """Something for the status line; `bad` if it did not work."""

    def __init__(self, text: str, *, bad: bool = False) -> None:
        super().__init__()
        self.text = text
        self.bad = bad


class Wanted(Message):
    """A click or a row asks for the action of this id."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action


class SituationChanged(Message):
    """Other actions may be possible now."""
