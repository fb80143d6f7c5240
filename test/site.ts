import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Somebody else's site, on this machine: for links to lead to. */
export interface Site {
  /** `address:port`, as EMBED_ALLOW_HOSTS wants it. */
  readonly socket: string;
  readonly url: string;
  /** What was asked for, in order. */
  readonly asked: string[];
  readonly pages: Record<string, Answer>;
  close(): void;
}

export async function openSite(): Promise<Site> {
  const asked: string[] = [];
  const pages: Record<string, Answer> = {};
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const page = pages[request.url!];
    if (page) page(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    socket,
    url: `http://${socket}`,
    asked,
    pages,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const pageOf =
  (head: string): Answer =>
  (_request, response) =>
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
      .end(`<head>${head}</head><body>Words</body>`);

/** What a page says of itself for cards. */
export const openGraph = (facts: Record<string, string>): string =>
  Object.entries(facts)
    .map(([name, content]) => `<meta property="og:${name}" content="${content}">`)
    .join("");

/** A picture with something in its metadata that must not get out. */
export async function pictureWithSecret(secret: string, width = 120, height = 63): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "#27566b" } })
    .jpeg()
    .withExif({ IFD0: { Artist: secret } })
    .toBuffer();
}

export const bytesOf =
  (bytes: Buffer, type: string): Answer =>
  (_request, response) =>
    response.writeHead(200, { "Content-Type": type }).end(bytes);
