/** Settings of the picture store that cannot work; its message is one sentence for the operator. */
export class PictureStoreError extends Error {
  name = "PictureStoreError";
}
