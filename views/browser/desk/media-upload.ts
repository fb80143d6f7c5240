import { answerOf, ownAccount, type Answer } from "./api.ts";
import type { Picture } from "./picture.ts";

/** Milliseconds in which nothing moves before the connection is taken for dead. */
const STALLED = 30_000;
/** Milliseconds that the server may take to make its sizes. */
const DEVELOPED_WITHIN = 60_000;
/** What the server reads a body of; what is in it decides what it is. */
const TYPES = new Set(["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic"]);

/**
 * Sends a picture. It never throws; what was aborted is "unreached".
 * @param moved told which share of it, from 0 to 1, has been sent
 */
export function uploadPicture(
  file: Blob,
  key: string,
  moved: (share: number) => void,
  signal: AbortSignal,
): Promise<Answer<Picture>> {
  const request = new XMLHttpRequest();
  let timer = 0;
  const within = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => request.abort(), milliseconds);
  };
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    within(STALLED);
    moved(total ? loaded / total : 0);
  });
  request.upload.addEventListener("load", () => {
    within(DEVELOPED_WITHIN);
    moved(1);
  });
  const answer = new Promise<Answer<Picture>>((resolve) =>
    request.addEventListener("loadend", () => {
      clearTimeout(timer);
      resolve(answerTo(request));
    }),
  );
  signal.addEventListener("abort", () => request.abort());
  request.open("POST", "/api/media");
  request.setRequestHeader("Accept", "application/json");
  for (const [name, value] of Object.entries(ownAccount())) request.setRequestHeader(name, value);
  request.setRequestHeader("Idempotency-Key", key);
  request.setRequestHeader("Content-Type", TYPES.has(file.type) ? file.type : "image/jpeg");
  within(STALLED);
  request.send(file);
  return answer;
}

function answerTo(request: XMLHttpRequest): Answer<Picture> {
  const { status, responseText } = request;
  if (status < 200) return { kind: "unreached", retryAfterMs: null };
  const retryAfter = request.getResponseHeader("Retry-After");
  return answerOf(
    new Response(null, { status, headers: retryAfter ? { "Retry-After": retryAfter } : {} }),
    responseText,
  );
}
