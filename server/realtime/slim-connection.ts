import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import type { Server, Socket } from "socket.io";
import type { Compressible } from "./shared-deflate.ts";

/** An engine.io 6 connection, as far as we look into it. Much of it is private there, so any part may be missing. */
export interface Connection {
  readyState?: string;
  upgrading?: boolean;
  writeBuffer?: { data?: string; options?: { wsPreEncodedFrame?: Buffer[] } }[];
  request?: IncomingMessage | null;
  transport?: Transport;
  write(packet: unknown, options: { wsPreEncodedFrame?: Buffer[] }): void;
  close(): void;
}

interface Transport {
  name?: string;
  writable?: boolean;
  perMessageDeflate?: unknown;
  socket?: WebSocket;
}

/** A `ws` 8 WebSocket. */
interface WebSocket extends Compressible, EventEmitter {
  readyState?: number;
  _socket?: TcpSocket | null;
}

/**
 * Lets go of what the libraries keep for each connection and nobody needs once it stands: the HTTP request with its
 * headers, and the handshake made of it. Whoever wants a header reads it in the `connection` event itself.
 */
export function slim(io: Server): void {
  const responses = new WeakMap<object, object>();
  io.engine.use((request: IncomingMessage, response: object, next: () => void) => {
    responses.set(request, response);
    next();
  });
  io.engine.prependListener("connection", (connection: Connection) => {
    const { request } = connection;
    if (request) forgetResponse(connection, responses.get(request));
    const websocket = connection.transport?.socket;
    for (const listener of websocket?.listeners("error") ?? [])
      if (listener.name === "onUpgradeError") websocket!.removeListener("error", listener as () => void);
  });
  io.on("connection", (socket) => {
    queueMicrotask(() => forgetRequest(socket));
  });
}

/** engine.io makes a response for its middlewares, which lives as long as the TCP socket and holds the request. */
function forgetResponse({ transport }: Connection, response: object | undefined): void {
  if (response?.constructor.name !== "WebSocketResponse") return;
  const tcp = transport?.socket?._socket;
  for (const listener of tcp?.listeners("close") ?? [])
    if (String(listener) === '() => this.emit("close")') tcp!.removeListener("close", listener as () => void);
  Object.assign(response, { req: null });
}

function forgetRequest(socket: Socket): void {
  (socket.conn as unknown as Connection).request = null;
  Object.assign(socket, { handshake: NO_HANDSHAKE });
}

const NO_HANDSHAKE = Object.freeze({ headers: Object.freeze({}), query: Object.freeze({}), auth: Object.freeze({}) });
