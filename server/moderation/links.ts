/** A web address in plain text, as the page makes a link of it. */
export interface Link {
  /** UTF-16 offsets; `end` is the first one behind it. */
  readonly start: number;
  readonly end: number;
  /** As it is written. */
  readonly address: string;
  /** In lower case and, if it is international, in Punycode; without port and without a dot at its end. */
  readonly host: string;
}

/** What closes a sentence or a bracket behind an address is no part of it. */
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/gi;

/** All links of a text; there is no other finder, so that what is held is what would have been shown as a link. */
export function findLinks(text: string): Link[] {
  const links: Link[] = [];
  for (const { 0: address, index: start } of text.matchAll(ADDRESS)) {
    const url = URL.parse(address);
    // A beginning says little about what a browser makes of it; the parsed protocol says all.
    if (url?.protocol !== "http:" && url?.protocol !== "https:") continue;
    links.push({ start, end: start + address.length, address, host: plainHost(url) });
  }
  return links;
}

/**
 * The links that lead elsewhere than to allowed domains and their subdomains. evil.com.example is not below
 * evil.com, and notevil.com is not either.
 * @param allowedDomains host names, in Unicode or in Punycode; what is none allows nothing
 */
export function foreignLinks(text: string, allowedDomains: readonly string[]): Link[] {
  const links = findLinks(text);
  if (!links.length) return links;
  const allowed = allowedDomains.map(domainHost).filter((domain) => domain !== null);
  return links.filter(({ host }) => !allowed.some((domain) => host === domain || host.endsWith(`.${domain}`)));
}

/** A domain as hosts of links are given; null for what is no host name. */
export function domainHost(domain: string): string | null {
  if (/[\s/\\?#@:]/.test(domain)) return null;
  const url = URL.parse(`http://${domain}/`);
  return url && plainHost(url);
}

const plainHost = (url: URL): string => url.hostname.replace(/\.$/, "");
