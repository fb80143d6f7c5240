import { UnfetchableError, type Fetch, type Fetched } from "./fetcher.ts";
import { decode, NO_FACTS, oembedFacts, pageFacts, type Facts } from "./page-facts.ts";
import { frameOf, mastodonPost, PROVIDERS, recognise, type Provider, type Recognised } from "./providers.ts";

/** What became of a link: something to play, a page to read, or no more than the link itself. */
export interface Resolved {
  readonly kind: "player" | "card" | "link";
  /** A name of PROVIDERS, or "web". */
  readonly provider: string;
  readonly providerId: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly author: string | null;
  readonly siteName: string | null;
  /** The picture as its server sent it; nobody has looked at it yet. */
  readonly picture: Buffer | null;
}

const PAGE = { types: ["text/html", "application/xhtml+xml"], limit: 1_000_000, beginning: true };
const OEMBED = { types: ["application/json", "text/json", "text/javascript"], limit: 200_000 };
const PICTURE = {
  types: ["image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif", "image/avif"],
  limit: 5_000_000,
};

/**
 * Asks the provider's oEmbed endpoint or the page itself what a link leads to. Whatever goes wrong there leaves less
 * to show, and fails nothing; only a link into a private network is refused.
 * @throws UnfetchableError for an address that is not public
 */
export async function resolveLink(url: URL, fetch: Fetch, signal: AbortSignal): Promise<Resolved> {
  const known = recognise(url);
  if (known) return describe(url, known, fetch, signal);
  const page = await fetch(url, { ...PAGE, signal }).catch((error: unknown) => failed(error, url));
  // Short links lead to what they are short for.
  const meant = page && recognise(page.url);
  if (meant) return describe(page.url, meant, fetch, signal);
  const facts = page ? await pageFacts(decode(page.bytes, page.type), page.url) : NO_FACTS;
  const mastodonId = page && (await mastodonIdOf(page, fetch, signal));
  return finish(null, mastodonId ? "mastodon" : "web", facts, mastodonId, fetch, signal);
}

/** A private address is the caller's mistake when they gave it, and the page's lie when it led there. */
function failed(error: unknown, url: URL): null {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (error instanceof UnfetchableError && error.reason === "private" && error.host === host) throw error;
  return null;
}

async function describe(url: URL, known: Recognised, fetch: Fetch, signal: AbortSignal): Promise<Resolved> {
  const { oembed, idFrom }: Provider = PROVIDERS[known.provider];
  const asked = oembed ? askProvider(oembed, url, fetch, signal) : askPage(url, known, fetch, signal);
  const { html = "", ...facts } = await asked;
  const id = (html && idFrom?.(html)) || known.id;
  const frame = frameOf({ ...known, id }, url);
  return finish(frame, known.provider, facts, id, fetch, signal);
}

type Answer = Facts & { html?: string };

async function askProvider(endpoint: string, url: URL, fetch: Fetch, signal: AbortSignal): Promise<Answer> {
  const address = new URL(endpoint);
  address.searchParams.set("url", url.href);
  try {
    const { bytes, url: at } = await fetch(address, { ...OEMBED, signal });
    return oembedFacts(bytes.toString("utf8"), at);
  } catch {
    return NO_FACTS;
  }
}

/** A page that leads on to somewhere else, such as to signing in, says nothing of what was asked for. */
async function askPage(url: URL, known: Recognised, fetch: Fetch, signal: AbortSignal): Promise<Answer> {
  try {
    const { bytes, type, url: at } = await fetch(url, { ...PAGE, signal });
    if (recognise(at)?.id !== known.id) return NO_FACTS;
    return await pageFacts(decode(bytes, type), at);
  } catch {
    return NO_FACTS;
  }
}

/** Its server has to say so: others have addresses of the same shape. */
async function mastodonIdOf({ url }: Fetched, fetch: Fetch, signal: AbortSignal): Promise<string | null> {
  const post = mastodonPost(url.pathname);
  if (!post) return null;
  const { html = "" } = await askProvider(`${url.origin}/api/oembed`, url, fetch, signal);
  return html.includes("mastodon-embed") ? `${url.hostname}/${post}` : null;
}

async function finish(
  frame: string | null,
  provider: string,
  facts: Facts,
  providerId: string | null,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Resolved> {
  const { title, description, author, siteName, picture } = facts;
  return {
    kind: frame ? "player" : title || description ? "card" : "link",
    provider,
    providerId,
    title,
    description,
    author,
    siteName,
    picture: picture ? await fetchPicture(new URL(picture), fetch, signal) : null,
  };
}

async function fetchPicture(url: URL, fetch: Fetch, signal: AbortSignal): Promise<Buffer | null> {
  try {
    return (await fetch(url, { ...PICTURE, signal })).bytes;
  } catch {
    return null;
  }
}
