import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { LRUCache } from "lru-cache";
import { unavailable } from "../errors.ts";
import { PictureStoreError } from "./store-error.ts";
import type { BucketSettings, PictureStore } from "./store.ts";

/** Milliseconds for a connection, and for an answer; readers are told 503 after that, so that they do not pile up. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true };
/** Bytes of pictures kept in memory: when one is published, everybody asks for the same few files at once. */
const KEPT = 64 * 1024 * 1024;
/** Written, read and removed at the start, to learn what the keys allow. */
const PROBE = "dateline-check";

/** Any store that speaks S3. @throws PictureStoreError when it answers that these settings will never do */
export async function openBucket(
  settings: BucketSettings,
  onTrouble: (sentence: string) => void,
): Promise<PictureStore> {
  const store = bucketStore(settings, onTrouble);
  try {
    await store.put(PROBE, Buffer.from("."), "text/plain");
    await store.get(PROBE);
    await store.remove([PROBE]);
  } catch (error) {
    const refusal = refusalOf((error as Error).cause, settings);
    if (refusal) throw refusal;
    // Text matters more than pictures: a newsroom must be able to restart while its store is away.
  }
  return store;
}

function bucketStore(settings: BucketSettings, onTrouble: (sentence: string) => void): PictureStore {
  const { endpoint, region, bucket: Bucket, keys, pathStyle } = settings;
  const client = new S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint ? { endpoint } : {}),
    ...(keys ? { credentials: keys } : {}),
    maxAttempts: 2,
    requestHandler: TIMEOUTS,
    // Stores other than Amazon's refuse the checksums that the client would add by itself.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const fetched = new LRUCache<string, Buffer>({
    maxSize: KEPT,
    sizeCalculation: ({ length }) => length + 1,
    fetchMethod: (Key) => tried(() => read(Key)),
  });

  return {
    place: `the bucket ${Bucket}`,
    async put(Key, Body, ContentType) {
      await tried(() => client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType })));
    },
    async get(name) {
      return (await fetched.fetch(name)) ?? null;
    },
    async remove(names) {
      for (const name of names) fetched.delete(name);
      await Promise.all(names.map((Key) => tried(() => client.send(new DeleteObjectCommand({ Bucket, Key })))));
    },
  };

  async function read(Key: string): Promise<Buffer | undefined> {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from(await Body!.transformToByteArray());
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") return undefined;
      throw error;
    }
  }

  /** Whatever goes wrong with the store is for its operator; the caller can only try again. */
  async function tried<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const { name, message } = cause as Error;
      onTrouble(`The bucket ${Bucket} failed: ${name}: ${message.split("\n")[0]}`);
      const problem = unavailable("The picture store cannot be reached at the moment.");
      problem.cause = cause;
      throw problem;
    }
  }
}

/** @returns null when it may be well later on */
function refusalOf(error: unknown, { endpoint, region, bucket }: BucketSettings): PictureStoreError | null {
  const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const where = endpoint ?? `Amazon S3 in ${region}`;
  switch (name) {
    case "NoSuchBucket":
      return new PictureStoreError(`The bucket ${bucket} named in S3_BUCKET does not exist at ${where}.`);
    case "InvalidAccessKeyId":
    case "SignatureDoesNotMatch":
      return new PictureStoreError(`${where} refuses the keys in S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`);
    case "CredentialsProviderError":
      return new PictureStoreError("S3_BUCKET needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY on this machine.");
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
      return new PictureStoreError(`The bucket ${bucket} is in another region than ${region}; set S3_REGION.`);
  }
  const status = $metadata?.httpStatusCode ?? 0;
  if (status < 400 || status >= 500) return null;
  if (status === 401 || status === 403)
    return new PictureStoreError(`${where} does not let these keys write, read and delete in the bucket ${bucket}.`);
  return new PictureStoreError(`What answers at ${where} is no S3 store that has the bucket ${bucket}.`);
}
