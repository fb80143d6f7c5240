import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from "node:crypto";
import { promisify } from "node:util";

export const MIN_PASSWORD = 10;
/** Characters; long enough for any passphrase, short enough that hashing it costs nothing extra. */
export const MAX_PASSWORD = 256;

// Argon2id with the parameters that OWASP's ASVS 5.0 names first: 46 MiB, one pass, one lane.
const COST = { memory: 47_104, passes: 1, parallelism: 1, tagLength: 32 };
const derive = promisify(argon2) as (algorithm: string, parameters: Argon2Parameters) => Promise<Buffer>;

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive("argon2id", { ...COST, message: password.normalize("NFKC"), nonce });
  return `argon2id$${nonce.toString("base64")}$${tag.toString("base64")}`;
}

export async function verifyPassword({ hash, password }: { hash: string; password: string }): Promise<boolean> {
  const [, nonce, tag] = hash.split("$").map((part) => Buffer.from(part, "base64"));
  if (!nonce || tag?.length !== COST.tagLength) return false;
  return timingSafeEqual(tag, await derive("argon2id", { ...COST, message: password.normalize("NFKC"), nonce }));
}
