import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import type { Server, Socket } from "socket.io";
import { beatTogether, stopBeating, type Beating } from "./heartbeat.ts";
import type { Compressible } from "./shared-deflate.ts";
import { slimClient, SmallMap, type Client } from "./slim-client.ts";

/** An engine.io 6 connection, as far as we look into it. Much of it is private there, so any part may be missing. */
export interface Connection extends EventEmitter, Beating {
  readonly id?: string;
  readonly server?: Engine;
  readyState?: string;
  remoteAddress?: string | undefined;
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
  /** Ours. */
  [OWNER]?: Client;
}

/** engine.io's server. */
interface Engine {
  readonly opts?: { readonly pingInterval?: number };
  readonly clients?: Record<string, unknown>;
  clientsCount?: number;
}

interface Transport extends EventEmitter {
  name?: string;
  writable?: boolean;
  perMessageDeflate?: unknown;
  socket?: WebSocket;
  send?(packets: unknown[]): void;
  _doSend?: ((data: unknown) => void) | undefined;
  _doSendLast?: ((data: unknown) => void) | undefined;
  _onSent?: Sent | undefined;
  _onSentLast?: Sent | undefined;
  onData?(data: unknown): void;
  onClose?(): void;
  onError?(error: Error | string, description?: unknown): void;
  /** Ours. */
  [OWNER]?: Connection;
}

type Sent = (error?: Error) => void;

/** A `ws` 8 WebSocket. */
interface WebSocket extends Compressible, EventEmitter {
  readyState?: number;
  _socket?: TcpSocket | null;
  _receiver?: { _mask?: Buffer | undefined; _extensions?: object };
  _sender?: { _extensions?: object };
  send?(data: unknown, sent?: Sent): void;
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
  const { acks } = socket as unknown as { acks?: Map<number, unknown> };
  if (acks instanceof Map) Object.assign(socket, { acks: new SmallMap(acks) });
  const websocket = transport?.socket;
  if (transport?.name === "websocket" && websocket) {
    shareConnectionListeners(connection, socket.client as unknown as Client);
    shareTransportListeners(connection, transport);
    shareWebSocketListeners(transport, websocket);
    makeSendersWhenNeeded(transport);
    forgetAddress(connection, websocket._socket);
    shareNoExtensions(websocket);
  }
  for (const emitter of [socket, connection, transport, websocket]) compact(emitter);
}

const NO_HANDSHAKE = Object.freeze({ headers: Object.freeze({}), query: Object.freeze({}), auth: Object.freeze({}) });

/** Socket.IO and engine.io's server listen to every connection with functions of its own, and time its pings. */
function shareConnectionListeners(connection: Connection, client: Client): void {
  const { server, id } = connection;
  if (connection.readyState !== "open" || !id || !server?.clients || typeof server.clientsCount !== "number") return;
  const closed = connection.listeners("close") as (() => void)[];
  const forget = closed.find((listener) => FORGETS.test(String(listener)));
  if (closed.length !== 2 || !forget || client.conn !== connection || !slimClient(client)) return;
  connection.removeListener("close", forget);
  connection[OWNER] = client;
  for (const [event, listener] of Object.entries(CONNECTION_LISTENERS)) connection.on(event, listener);
  beatTogether(connection);
}

/** What engine.io's server does about a connection that has closed. */
const FORGETS = /^\(\) => \{\s*delete this\.clients\[id\];\s*this\.clientsCount--;\s*\}$/;

const CONNECTION_LISTENERS = {
  data(this: Connection, data: unknown) {
    this[OWNER]!.ondata!(data);
  },
  error(this: Connection, error: Error) {
    this[OWNER]!.onerror!(error);
  },
  close(this: Connection, reason: string, description: unknown) {
    const { server, id } = this;
    delete server!.clients![id!];
    server!.clientsCount!--;
    stopBeating(this);
    this[OWNER]!.onclose!(reason, description);
  },
};

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

/** engine.io makes four functions for every transport, which only something on its way out needs. */
function makeSendersWhenNeeded(transport: Transport): void {
  const { send, _doSend, _doSendLast, _onSent, _onSentLast } = transport;
  if (Object.hasOwn(transport, "send") || typeof send !== "function") return;
  const found = [_doSend, _doSendLast, _onSent, _onSentLast].map((sender) => String(sender).replaceAll(/\s+/g, " "));
  if (transport.writable !== true || found.some((text, n) => text !== SENDERS[n])) return;
  Object.assign(transport, { send: sendWithSenders, ...NO_SENDERS });
}

const SENDERS = [
  "(data) => { this.socket.send(data, this._onSent); }",
  "(data) => { this.socket.send(data, this._onSentLast); }",
  '(err) => { if (err) { this.onError("write error", err.stack); } }',
  '(err) => { if (err) { this.onError("write error", err.stack); } else { this.emit("drain"); this.writable = true; this.emit("ready"); } }',
];
const NO_SENDERS = { _doSend: undefined, _doSendLast: undefined, _onSent: undefined, _onSentLast: undefined };

function sendWithSenders(this: Transport, packets: unknown[]): void {
  const onSent = (error?: Error) => {
    if (error) this.onError!("write error", error.stack);
  };
  const onSentLast = (error?: Error) => {
    if (error) return onSent(error);
    this.emit("drain");
    this.writable = true;
    this.emit("ready");
  };
  this._doSend = (data) => this.socket!.send!(data, onSent);
  this._doSendLast = (data) => this.socket!.send!(data, onSentLast);
  this._onSent = onSent;
  this._onSentLast = onSentLast;
  (Object.getPrototypeOf(this) as Transport).send!.call(this, packets);
  Object.assign(this, NO_SENDERS);
}

/** Nobody asks for it once the connection stands, and an address is not ours to keep. */
function forgetAddress(connection: Connection, tcp: TcpSocket | null | undefined): void {
  connection.remoteAddress = undefined;
  // Where somebody does ask, Node looks it up again.
  if (tcp && Object.hasOwn(tcp, "_peername")) Object.assign(tcp, { _peername: undefined });
}

function shareNoExtensions(websocket: WebSocket): void {
  const { _extensions, _receiver, _sender } = websocket;
  if (!_extensions || Object.keys(_extensions).length) return;
  for (const part of [websocket, _receiver, _sender])
    if (part?._extensions === _extensions) part._extensions = NO_EXTENSIONS;
}

const NO_EXTENSIONS = Object.freeze({});

/** Node keeps listeners in a hash table, which is four times the size of an object with the same few properties. */
function compact(emitter: object | undefined): void {
  const { _events: events } = (emitter ?? {}) as { _events?: Record<string, unknown> };
  if (!emitter || !events || Object.getPrototypeOf(events) !== null) return;
  Object.assign(emitter, { _events: Object.assign(new Listeners(), events) });
}

/** Like Node's own table, it inherits nothing: an event may have any name. */
const Listeners = function () {} as unknown as new () => object;
Listeners.prototype = Object.create(null);
