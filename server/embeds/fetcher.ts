import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { Agent, buildConnector, fetch, type Response } from "undici";

const REDIRECTS = 3;
const USER_AGENT = "Dateline (link preview)";
/** Milliseconds in which a connection must stand, and an answer begin. */
const PATIENCE = 5_000;

export interface Wanted {
  /** The types that may come, in lower case and without parameters. */
  readonly types: readonly string[];
  /** Bytes, after decompression. */
  readonly limit: number;
  /** Whether the beginning of something larger is of use; otherwise it is refused. */
  readonly beginning?: boolean;
  /** Ends everything, whatever is under way. */
  readonly signal: AbortSignal;
}

export interface Fetched {
  /** Where it was in the end, after any redirects. */
  readonly url: URL;
  /** The Content-Type as it was sent. */
  readonly type: string;
  readonly bytes: Buffer;
}

export type Fetch = (url: URL, wanted: Wanted) => Promise<Fetched>;

/** Why something was not fetched. `private`: its address is not one of the public internet. */
export class UnfetchableError extends Error {
  name = "UnfetchableError";
  readonly reason: "private" | "scheme" | "redirects" | "status" | "type" | "too-large" | "network";
  /** Whose address it was. */
  readonly host: string;

  constructor(reason: UnfetchableError["reason"], { host = "", cause }: { host?: string; cause?: unknown } = {}) {
    super(`Could not be fetched: ${reason}`, { cause });
    this.reason = reason;
    this.host = host;
  }
}

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<string[]>;

const everyAddress: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Fetches what strangers may name without being led to anything inside: a host is resolved here, each of its addresses
 * has to be a public one, and the connection goes to the very address that was looked at, so that a second answer of
 * the DNS changes nothing. Redirects are followed by hand, each looked at like the first address.
 * @param allow `address:port` of servers that may be reached although they are not public, or on another port
 */
export function openFetcher({ allow = [], resolve = everyAddress }: { allow?: readonly string[]; resolve?: Resolve }): {
  fetch: Fetch;
  close: () => Promise<void>;
} {
  const ports = new Set(["", "80", "443", ...allow.map((socket) => socket.slice(socket.lastIndexOf(":") + 1))]);
  const agent = new Agent({
    allowH2: false,
    headersTimeout: PATIENCE,
    bodyTimeout: PATIENCE,
    // Each connection is made for one request: nothing of one link is left for the next.
    pipelining: 0,
    connect: publicConnector({ allow, resolve }),
  });
  return { fetch: fetchSafely, close: () => agent.close() };

  async function fetchSafely(from: URL, wanted: Wanted): Promise<Fetched> {
    let url = from;
    for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
      requireWebAddress(url);
      const response = await ask(url, wanted);
      const location = response.status >= 300 && response.status < 400 ? response.headers.get("Location") : null;
      if (location === null) return { url, ...(await read(response, wanted)) };
      await response.body?.cancel();
      if (!URL.canParse(location, url)) throw new UnfetchableError("redirects");
      url = new URL(location, url);
    }
    throw new UnfetchableError("redirects");
  }

  function requireWebAddress(url: URL): void {
    const isWeb = url.protocol === "https:" || url.protocol === "http:";
    if (!isWeb || url.username || url.password || !ports.has(url.port)) throw new UnfetchableError("scheme");
  }

  async function ask(url: URL, { types, signal }: Wanted): Promise<Response> {
    try {
      return await fetch(url, {
        dispatcher: agent,
        redirect: "manual",
        signal,
        headers: { "User-Agent": USER_AGENT, Accept: types.join(", "), "Accept-Language": "*" },
      });
    } catch (error) {
      throw unfetchable(error);
    }
  }
}

/** Connects to where strangers say, as long as that is an address for everybody. @param allow as with `openFetcher` */
export function publicConnector({
  allow,
  resolve = everyAddress,
}: {
  allow: readonly string[];
  resolve?: Resolve;
}): buildConnector.connector {
  const allowed = new Set(allow);
  const connect = buildConnector({ timeout: PATIENCE, allowH2: false, keepAlive: false });
  return (options, callback) => {
    const port = options.port || (options.protocol === "https:" ? "443" : "80");
    const servername = options.protocol === "https:" && !isIP(bare(options.hostname)) ? options.hostname : "";
    publicAddress(bare(options.hostname), port).then(
      (hostname) => connect({ ...options, hostname, ...(servername ? { servername } : {}) }, callback),
      (error: Error) => callback(error, null),
    );
  };

  /** @throws UnfetchableError when any of the host's addresses is not for everybody */
  async function publicAddress(host: string, port: string): Promise<string> {
    const addresses = isIP(host) ? [host] : await resolve(host);
    const isFit = (address: string): boolean =>
      allowed.has(`${address}:${port}`) || ((port === "80" || port === "443") && isPublic(address));
    if (!addresses.length) throw new UnfetchableError("network");
    if (!addresses.every(isFit)) throw new UnfetchableError("private", { host });
    // Where the way out has no IPv6, its addresses would only cost time.
    return addresses.find((address) => isIP(address) === 4) ?? addresses[0]!;
  }
}

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Mapped, translated and tunnelled forms of IPv4 are ranges of their own, and none of them is unicast. */
export function isPublic(address: string): boolean {
  if (!isIP(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast") return false;
  return parsed.kind() === "ipv4" || (parsed as ipaddr.IPv6).match(GLOBAL_IPV6);
}

/** A host as URL has it, with the brackets of IPv6 taken away. */
const bare = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

async function read(response: Response, wanted: Wanted): Promise<Pick<Fetched, "type" | "bytes">> {
  const type = response.headers.get("Content-Type") ?? "";
  const isWanted = wanted.types.includes(type.split(";")[0]!.trim().toLowerCase());
  if (response.status !== 200 || !isWanted || !response.body) {
    await response.body?.cancel();
    throw new UnfetchableError(response.status === 200 ? "type" : "status");
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      // Leaving the loop ends the connection.
      if (size > wanted.limit) break;
    }
  } catch (error) {
    throw unfetchable(error);
  }
  if (size > wanted.limit && !wanted.beginning) throw new UnfetchableError("too-large");
  return { type, bytes: Buffer.concat(chunks).subarray(0, wanted.limit) };
}

function unfetchable(error: unknown): UnfetchableError {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof UnfetchableError) return at;
  return new UnfetchableError("network", { cause: error });
}
