"""Connections as both kinds of server here use them: what is written goes straight to the transport.

ASGI's `send` costs a task's step for each message, says nothing of what is still unread, and cannot cut off
a peer that does not read. So uvicorn's protocols put the connection's transport into the scope
(`uvicorn_protocols`), and what is written goes there (`writer`, `websocket`), at once or with what comes soon
after (`outbox`). The same bytes go to everybody who is sent the same (`frames`). Nothing here knows what is
sent, or why.
"""

from hotelmate.sockets.frames import text_frame
from hotelmate.sockets.outbox import Outbox
from hotelmate.sockets.uvicorn_protocols import TransportHttp, TransportWebSockets
from hotelmate.sockets.websocket import WebSocket
from hotelmate.sockets.writer import Writer, joined

__all__ = ["Outbox", "TransportHttp", "TransportWebSockets", "WebSocket", "Writer", "joined", "text_frame"]
