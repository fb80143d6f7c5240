import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import type { Server, Socket } from "socket.io";
import type { Compressible } from "./shared-deflate.ts";

/** An engine.io 6 connection, as far as we look into it. Much of it is private there, so any part may be missing. */
export interface Connection extends EventEmitter {
  readyState?: string;
  upgrading?: boolean;
  writeBuffer?: { data?: string; options?: { wsPreEncodedFrame?: Buffer[] } }[];
  request?: IncomingMessage | null;
  transport?: Transport;
  /** What ends the listening to the transport. */
  cleanupFn?: (() => void)[];
  onPacket?(packet: unknown): void;
  onDrain?(): void;
  onError?(error: Error): void;
  onClose?(reason: string): void;
  flush?(): void;
  write(packet: unknown, options: { wsPreEncodedFrame?: Buffer[] }): void;
  close(): void;
}

interface Transport extends EventEmitter {
  name?: string;
  writable?: boolean;
  perMessageDeflate?: unknown;
  socket?: WebSocket;
  onData?(data: unknown): void;
  onClose?(): void;
  onError?(error: Error): void;
  /** Ours. */
  [OWNER]?: Connection;
}

/** A `ws` 8 WebSocket. */
interface WebSocket extends Compressible, EventEmitter {
  readyState?: number;
  _socket?: TcpSocket | null;
  _receiver?: { _mask?: Buffer | undefined };
  /** Ours. */
  [OWNER]?: Transport;
}

/** From a part to the whole that listens to it. */
const OWNER: unique symbol = Symbol("owner");

/**
 * Lets go of what the libraries keep for each connection and nobody needs once it stands: above all the HTTP request
 * with its headers, and the handshake made of it. Whoever wants a header reads it in the `connection` event itself.
 * Each step does nothing where a library is not built as expected.
 */
export function slim(io: Server): void {
  const responses = new WeakMap<object, object>();
  io.engine.use((request: IncomingMessage, response: object, next: () => void) => {
    responses.set(request, response);
    next();
  });
  io.engine.prependListener("connection", ({ request, transport }: Connection) => {
    if (request) forgetResponse(transport?.socket?._socket, responses.get(request));
  });
  io.on("connection", (socket) => {
    // When everybody has seen the event.
    queueMicrotask(() => slimSocket(socket));
  });
}

/** engine.io makes a response for its middlewares, which lives as long as the TCP socket and holds the request. */
function forgetResponse(tcp: TcpSocket | null | undefined, response: object | undefined): void {
  if (!tcp || response?.constructor.name !== "WebSocketResponse") return;
  for (const listener of tcp.listeners("close"))
    if (String(listener) === '() => this.emit("close")') tcp.removeListener("close", listener as () => void);
}

function slimSocket(socket: Socket): void {
  const connection = socket.conn as unknown as Connection;
  const { transport } = connection;
  connection.request = null;
  Object.assign(socket, { handshake: NO_HANDSHAKE });
  const websocket = transport?.socket;
  if (transport?.name === "websocket" && websocket) {
    shareTransportListeners(connection, transport);
    shareWebSocketListeners(transport, websocket);
  }
  for (const emitter of [socket, connection, transport, websocket]) compact(emitter);
}

const NO_HANDSHAKE = Object.freeze({ headers: Object.freeze({}), query: Object.freeze({}), auth: Object.freeze({}) });

/**
 * engine.io binds five functions to every connection and four to every transport. The same, once for all of them; a
 * closed connection ignores what it hears, so there is nothing to undo.
 */
function shareTransportListeners(connection: Connection, transport: Transport): void {
  const { cleanupFn, onPacket, onDrain, onError, onClose, flush } = connection;
  if (connection.readyState !== "open" || cleanupFn?.length !== 1) return;
  if (![onPacket, onDrain, onError, onClose, flush].every((method) => typeof method === "function")) return;
  transport.removeAllListeners();
  connection.cleanupFn = [];
  transport[OWNER] = connection;
  for (const [event, listener] of Object.entries(TRANSPORT_LISTENERS)) transport.on(event, listener);
}

const TRANSPORT_LISTENERS = {
  packet(this: Transport, packet: unknown) {
    this[OWNER]!.onPacket!(packet);
  },
  ready(this: Transport) {
    this[OWNER]!.flush!();
  },
  drain(this: Transport) {
    this[OWNER]!.onDrain!();
  },
  error(this: Transport, error: Error) {
    this[OWNER]!.onError!(error);
  },
  close(this: Transport) {
    this[OWNER]!.onClose!("transport close");
  },
};

function shareWebSocketListeners(transport: Transport, websocket: WebSocket): void {
  const { onData, onClose, onError } = transport;
  if (![onData, onClose, onError].every((method) => typeof method === "function")) return;
  websocket.removeAllListeners();
  websocket[OWNER] = transport;
  for (const [event, listener] of Object.entries(WEBSOCKET_LISTENERS)) websocket.on(event, listener);
}

const WEBSOCKET_LISTENERS = {
  message(this: WebSocket, data: Buffer, isBinary: boolean) {
    // Four bytes that hold on to all that was read with them. Every frame brings its own.
    if (this._receiver?._mask) this._receiver._mask = undefined;
    this[OWNER]!.onData!(isBinary ? data : data.toString());
  },
  close(this: WebSocket) {
    this[OWNER]!.onClose!();
  },
  error(this: WebSocket, error: Error) {
    this[OWNER]!.onError!(error);
  },
};

/** Node keeps listeners in a hash table, which is four times the size of an object with the same few properties. */
function compact(emitter: object | undefined): void {
  const { _events: events } = (emitter ?? {}) as { _events?: Record<string, unknown> };
  if (!emitter || !events || Object.getPrototypeOf(events) !== null) return;
  Object.assign(emitter, { _events: Object.assign(new Listeners(), events) });
}

/** Like Node's own table, it inherits nothing: an event may have any name. */
const Listeners = function () {} as unknown as new () => object;
Listeners.prototype = Object.create(null);
