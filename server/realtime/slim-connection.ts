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
  write(packet: unknown, options: { wsPreEncodedFrame?: Buffer[] }): void;
  close(): void;
}

interface Transport extends EventEmitter {
  name?: string;
  writable?: boolean;
  perMessageDeflate?: unknown;
  socket?: WebSocket;
}

/** A `ws` 8 WebSocket. */
interface WebSocket extends Compressible, EventEmitter {
  readyState?: number;
  _socket?: TcpSocket | null;
  _receiver?: { _mask?: Buffer | undefined };
}

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
    transport?.socket?.on("message", forgetMask);
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

/** Four bytes that hold on to all that was read with them. Every frame brings its own. */
function forgetMask(this: WebSocket): void {
  if (this._receiver?._mask) this._receiver._mask = undefined;
}

function slimSocket(socket: Socket): void {
  const connection = socket.conn as unknown as Connection;
  const { transport } = connection;
  connection.request = null;
  Object.assign(socket, { handshake: NO_HANDSHAKE });
  const websocket = transport?.socket;
  forgetListener(websocket, "error", "onUpgradeError");
  // Only polling has headers to set later.
  if (transport?.name === "websocket") transport.removeAllListeners("headers");
  // An array that has grown keeps room for sixteen more.
  if (Array.isArray(connection.cleanupFn)) connection.cleanupFn = [...connection.cleanupFn];
  for (const emitter of [socket, connection, transport, websocket]) compact(emitter);
}

const NO_HANDSHAKE = Object.freeze({ headers: Object.freeze({}), query: Object.freeze({}), auth: Object.freeze({}) });

function forgetListener(emitter: EventEmitter | undefined, event: string, name: string): void {
  for (const listener of emitter?.listeners(event) ?? [])
    if (listener.name === name) emitter!.removeListener(event, listener as () => void);
}

/** Node keeps listeners in a hash table, which is four times the size of an object with the same few properties. */
function compact(emitter: object | undefined): void {
  const { _events: events } = (emitter ?? {}) as { _events?: Record<string, unknown> };
  if (!emitter || !events || Object.getPrototypeOf(events) !== null) return;
  Object.assign(emitter, { _events: Object.assign(new Listeners(), events) });
}

/** Like Node's own table, it inherits nothing: an event may have any name. */
const Listeners = function () {} as unknown as new () => object;
Listeners.prototype = Object.create(null);
