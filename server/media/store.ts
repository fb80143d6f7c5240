import { openFolder } from "./folder-store.ts";

/**
 * Where the files of pictures are kept: a folder, or a bucket. A name is written once and never changed. Readers never
 * reach it themselves: pages/picture-files.ts asks first whether a picture may still be shown.
 */
export interface PictureStore {
  /** For people. */
  readonly place: string;
  /** All of it or nothing. @throws AppError 503 when the store cannot be reached, 507 when it is full */
  put(name: string, bytes: Buffer, type: string): Promise<void>;
  /** @returns null when there is none. @throws AppError 503 */
  get(name: string): Promise<Buffer | null>;
  /** Names that are not there do no harm. @throws AppError 503 */
  remove(names: string[]): Promise<void>;
}

export interface BucketSettings {
  /** null: Amazon's own, by region. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly bucket: string;
  /** null: what the machine itself is given, such as an instance's role. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** The bucket's name in the path instead of in the host's name. */
  readonly pathStyle: boolean;
}

export interface StoreSettings {
  readonly mediaDir: string;
  readonly bucket: BucketSettings | null;
}

/**
 * @param onTrouble told in one sentence whenever the store fails, for the log
 * @throws PictureStoreError when the bucket says that these settings will never do
 */
export async function openPictureStore(
  { mediaDir, bucket }: StoreSettings,
  onTrouble: (sentence: string) => void,
): Promise<PictureStore> {
  if (!bucket) return openFolder(mediaDir);
  // Only now: the client takes a third of a second to load, and most newsrooms have no use for it.
  const { openBucket } = await import("./bucket-store.ts");
  return openBucket(bucket, onTrouble);
}
