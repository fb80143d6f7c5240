/** What travels over the socket. Types only: the browser imports this file and nothing else of the server. */

/** An element of the page as it is now, or null where it is gone. Applying it twice does no harm. */
export interface Change {
  /** The element's id, such as `post-12` or `key-events`. */
  target: string;
  html: string | null;
  /** For a post: its place in the list, `<milliseconds>-<id>`; lists run from the greatest to the least. */
  place?: string;
}

/** Takes whoever has seen everything up to `from` to having seen everything up to `to`. */
export interface Batch {
  stream: string;
  epoch: string;
  from: number;
  to: number;
  changes: Change[];
}

export interface FollowRequest {
  /** `blog:<slug>` for readers, `desk:<slug>` for staff. */
  stream: string;
  epoch: string;
  /** The version of the stream that the client has seen. */
  version: number;
}

export type FollowAnswer =
  | {
      ok: true;
      epoch: string;
      from: number;
      to: number;
      head: number;
      changes: Change[];
      /** Of the server's templates and styles; where it is another than the page's, the page takes those over first. */
      build?: string;
    }
  | { ok: false; problem: { code: FollowProblem; reason?: ResyncReason }; retryInMs?: number };

export type FollowProblem = "resync" | "not-found" | "forbidden" | "invalid" | "busy";

/**
 * Why only a fresh page helps: another history, a version that was never given, too far behind, or a change to all
 * of the page.
 */
export type ResyncReason = "epoch" | "future" | "behind" | "document";

export interface ServerEvents {
  batch: (batch: Batch) => void;
  /** How far the stream is; sent now and then, so that the loss of its last batch is noticed. To readers with their number. */
  head: (head: { stream: string; epoch: string; version: number; readers?: number }) => void;
  /** To a desk: how many readers its blog has now, over all servers; sent when that is another number. */
  presence: (presence: { stream: string; readers: number }) => void;
  /** Load the page afresh, after a moment that differs from client to client. */
  resync: (resync: { stream: string; reason: ResyncReason; retryInMs: number }) => void;
}

export interface ClientEvents {
  follow: (request: FollowRequest, answer: (answer: FollowAnswer) => void) => void;
  unfollow: (request: { stream: string }) => void;
}
