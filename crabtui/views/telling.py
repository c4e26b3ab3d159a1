"""Messages that always reach the app, whoever's turn it was when they were posted."""

from textual.message import Message
from textual.message_pump import MessagePump


def tell(sender: MessagePump, message: Message) -> None:
    """Post `message` as if `sender` had said it by itself.

    Textual stops a message at a parent in whose handler it was made, and views are told
    things by their screen and by the app.
    """
    sender.post_message(message.set_sender(sender))
