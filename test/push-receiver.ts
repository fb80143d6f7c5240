import { createECDH, createPublicKey, randomBytes, verify } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import ece from "http_ece";

/** What a push service was handed, as the browser that it is for reads it. */
export interface Received {
  readonly message: { title: string; body: string; url: string; tag: string; language: string; withdrawn?: true };
  readonly headers: IncomingHttpHeaders;
  /** Encrypted. */
  readonly bytes: number;
}

/** A browser's subscription, with the keys to read what comes. */
export interface TestBrowser {
  readonly subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  readonly received: Received[];
  /** What the service answers, one after another, before it takes what comes. */
  readonly refusals: Refusal[];
  /** Whether the service leaves the newsroom waiting. */
  isSilent: boolean;
}

interface Refusal {
  readonly status: number;
  /** Seconds, or a date. */
  readonly retryAfter?: number | string;
}

/** A push service on this machine, for any number of browsers. */
export interface PushReceiver {
  /** `address:port`, as PUSH_ALLOW_HOSTS wants it. */
  readonly socket: string;
  /** The most requests that were open at one time, and those that are. */
  readonly most: number;
  readonly open: number;
  browser(): TestBrowser;
  /** Waits until the service was handed something. */
  next(): Promise<unknown>;
  close(): void;
}

export async function openPushReceiver(): Promise<PushReceiver> {
  const browsers = new Map<string, (body: Buffer, headers: IncomingHttpHeaders) => Refusal | null>();
  const events = new EventEmitter();
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    most = Math.max(most, ++open);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("close", () => {
      open--;
      events.emit("handed");
    });
    request.on("end", () => {
      const said = browsers.get(request.url!)!(Buffer.concat(chunks), request.headers);
      if (said === null) return events.emit("handed");
      const { status, retryAfter } = said;
      return response.writeHead(status, retryAfter === undefined ? {} : { "Retry-After": retryAfter }).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    socket,
    get most() {
      return most;
    },
    get open() {
      return open;
    },
    browser() {
      const path = `/${randomBytes(12).toString("base64url")}`;
      const privateKey = createECDH("prime256v1");
      const p256dh = privateKey.generateKeys("base64url");
      const auth = randomBytes(16).toString("base64url");
      const received: Received[] = [];
      const browser: TestBrowser = {
        subscription: { endpoint: `http://${socket}${path}`, keys: { p256dh, auth } },
        received,
        refusals: [],
        isSilent: false,
      };
      browsers.set(path, (body, headers) => {
        const refusal = browser.isSilent ? null : browser.refusals.shift();
        if (refusal !== undefined) return refusal;
        const text = ece.decrypt(body, { version: "aes128gcm", privateKey, authSecret: auth }).toString("utf8");
        received.push({ message: JSON.parse(text) as Received["message"], headers, bytes: body.length });
        return { status: 201 };
      });
      return browser;
    },
    next: () => once(events, "handed"),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Checks the newsroom's signature of a request as a push service does. @returns what it says, and the key */
export function vapidOf({ authorization }: IncomingHttpHeaders): {
  claims: { aud: string; exp: number; sub: string };
  key: string;
} {
  const [, jwt, key] = /^vapid t=([^,]+), k=([\w-]+)$/.exec(authorization!)!;
  const [head, claims, signature] = jwt!.split(".") as [string, string, string];
  const point = Buffer.from(key!, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url")) as [
    string,
    string,
  ];
  const publicKey = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y } });
  const isGood = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!isGood) throw new Error("the signature is not good");
  return { claims: JSON.parse(Buffer.from(claims, "base64url").toString("utf8")), key: key! };
}
