import { FILES } from "../kept.ts";

const MOST = 80;

/** From what is kept; a page that is kept finds there what it looked like then. */
export async function fileOf(request: Request): Promise<Response> {
  const files = await caches.open(FILES);
  const kept = await files.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.status === 200) {
    await files.put(request, response.clone());
    const requests = await files.keys();
    for (const old of requests.slice(0, Math.max(0, requests.length - MOST))) await files.delete(old);
  }
  return response;
}
