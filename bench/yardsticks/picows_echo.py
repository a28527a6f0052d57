"""A server that does nothing but echo to everybody, on bare picows: `python -m bench.yardsticks.picows_echo PORT`."""

import sys

import orjson
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

_everybody: set[WSTransport] = set()


class Echo(WSListener):
    """Decodes a message, encodes it again, and writes it to every socket."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Let one in."""
        _everybody.add(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Echo a message."""
        if frame.msg_type is WSMsgType.TEXT:
            payload = orjson.dumps(orjson.loads(frame.get_payload_as_memoryview()))
            for each in _everybody:
                each.send(WSMsgType.TEXT, payload)
        elif frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Forget one."""
        _everybody.discard(transport)


async def serve(port: int) -> None:
    """Serve until ended."""
    await (await ws_create_server(lambda request: Echo(), "127.0.0.1", port)).serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
