/* What the worker and the pages both know of what is kept for a reader who is offline. */

export const PAGES = "dateline-pages-1";
export const FILES = "dateline-files-1";
/** When a page was as it is kept, in milliseconds since 1970. */
export const KEPT_AT = "X-Kept-At";

/** With the policy that it came with; its other headers were about the way here. */
export function keptResponse(html: string, policy: string | null): Response {
  const headers = { "Content-Type": "text/html; charset=utf-8", [KEPT_AT]: String(Date.now()) };
  return new Response(html, { headers: policy ? { ...headers, "Content-Security-Policy": policy } : headers });
}

/** What is at such an address never changes: a fingerprint is part of it, or it is a font. */
export const isFile = ({ pathname, searchParams }: URL): boolean =>
  pathname.startsWith("/fonts/") ||
  (/^\/(css|js|icons)\//.test(pathname) && (searchParams.has("v") || /-[A-Z0-9]{8}\.js$/.test(pathname)));
