"""Messages that always reach the app, whoever's turn it was when they were posted."""

from textual.dom import DOMNode
from textual.message import Message

from crabtui.messages import Aimed


def tell(sender: DOMNode, message: Message) -> None:
    """Post `message` as if `sender` had said it by itself.

    Textual stops a message at a parent in whose handler it was made, and views are told
    things by their screen and by the app. What is aimed at goes to the app at once: queues
    of widgets are emptied in any order, and the view that was left must not have the last
    word; nor has one that nobody looks at any word at all.
    """
    message.set_sender(sender)
    if not isinstance(message, Aimed):
        sender.post_message(message)
    elif _is_in_front(sender):
        sender.app.post_message(message)


def _is_in_front(sender: DOMNode) -> bool:
    front = getattr(sender.app, "front", None)
    return front is None or front.body in sender.ancestors_with_self
