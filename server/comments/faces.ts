import type { Comment, CommentFace, CommentStatus } from "../database.ts";

/** What decides about the faces of a thread. */
export type ThreadRow = Pick<Comment, "id" | "parent_id" | "status" | "deleted_at">;

export const isPublic = (status: CommentStatus): boolean => status === "published" || status === "approved";

/**
 * What readers see of each comment of a thread: itself, if it and all that it answers are public; a tombstone, if its
 * author deleted it and an answer is still seen; otherwise nothing. So a comment that is taken away takes along
 * whatever was said in answer to it, and brings it back when it comes back.
 * @param thread the whole of it, in any order
 */
export function facesOf(thread: readonly ThreadRow[]): Map<string, CommentFace> {
  const faces = new Map<string, CommentFace>();
  const isOpen = new Map<string, boolean>();
  // An answer has a greater number than what it answers.
  const inOrder = thread.toSorted((one, other) => Number(one.id) - Number(other.id));
  for (const { id, parent_id, status } of inOrder)
    isOpen.set(id, isPublic(status) && (parent_id === null || isOpen.get(parent_id) === true));
  const answered = new Set<string>();
  for (const { id, parent_id, deleted_at } of inOrder.toReversed()) {
    const face = !isOpen.get(id) ? "none" : !deleted_at ? "comment" : answered.has(id) ? "tombstone" : "none";
    faces.set(id, face);
    if (face !== "none" && parent_id !== null) answered.add(parent_id);
  }
  return faces;
}
