import type { Socket as TcpSocket } from "node:net";
import { getSystemErrorName } from "node:util";

/** Node's own side of a TCP socket. Private, so any part of it may be missing. */
interface Handle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
}

/** What Node hands down with each write; used there only when the kernel does not take everything at once. */
interface WriteRequest {
  buffer?: Buffer;
  oncomplete?: (status: number) => void;
  /** Negative unless a write is using it. */
  getAsyncId(): number;
}

type Requests = new () => WriteRequest;

/** Bytes of direct writes that are still under way; the stream knows nothing of them. */
const underWay = new Map<TcpSocket, number>();
/** null until it has been seen, and for ever where Node is not built as expected. */
let Request: Requests | null = null;
let spare: WriteRequest | null = null;
let looked = false;

/** Bytes that a direct write could not send at once. */
export const waiting = (tcp: TcpSocket): number => (underWay.size ? (underWay.get(tcp) ?? 0) : 0);

/**
 * Writes to a TCP socket to which nothing else is being written, without the stream's book-keeping and without a
 * request object for each write, which cost 1 to 2 µs. Where the kernel does not take all of it, libuv keeps the rest,
 * and in order with whatever is written next; see waiting(). As with `write`, an error destroys the socket.
 */
export function writeDirectly(tcp: TcpSocket, bytes: Buffer): void {
  const handle = (tcp as unknown as { _handle?: Handle | null })._handle;
  if (!spare || handle?.constructor.name !== "TCP") return firstWrite(tcp, handle, bytes);
  const request = spare;
  const status = handle.writeBuffer(request, bytes);
  // Not by the bytes that wait: the kernel may take the rest at the second try, and the request is in use all the same
  // until the loop comes round. To use it for another write would abort the process.
  if (status === 0 && request.getAsyncId() < 0) return;
  // This one may be in use from now on.
  spare = new Request!();
  if (status === 0) finishLater(tcp, request, bytes);
  else tcp.destroy(failure(status));
}

function finishLater(tcp: TcpSocket, request: WriteRequest, bytes: Buffer): void {
  underWay.set(tcp, bytes.length);
  // libuv reads from it until then.
  request.buffer = bytes;
  request.oncomplete = (status) => {
    underWay.delete(tcp);
    if (status < 0) tcp.destroy(failure(status));
  };
}

function failure(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { errno: status, code, syscall: "write" });
}

/** An ordinary write. The first one shows how Node makes its requests. */
function firstWrite(tcp: TcpSocket, handle: Handle | null | undefined, bytes: Buffer): void {
  if (!looked && handle?.constructor.name === "TCP") look(handle);
  tcp.write(bytes);
}

function look(handle: Handle): void {
  looked = true;
  if (typeof handle.writeBuffer !== "function") return;
  const { writeBuffer } = handle;
  handle.writeBuffer = (request, bytes) => {
    Reflect.deleteProperty(handle, "writeBuffer");
    if (request.constructor.name === "WriteWrap") {
      Request = request.constructor as Requests;
      const unused = new Request();
      if (typeof unused.getAsyncId === "function" && unused.getAsyncId() < 0) spare = unused;
    }
    return writeBuffer.call(handle, request, bytes);
  };
}
