import { createECDH, hkdfSync } from "node:crypto";

/** What push services know this Dateline by; base64url. */
export interface Vapid {
  readonly publicKey: string;
  readonly privateKey: string;
  /** Whom they may turn to: `mailto:` or `https:`. */
  readonly subject: string;
}

/**
 * The newsroom's own key, or one that follows from the secret which signs sessions: the same for all processes, and
 * kept wherever that is kept. Browsers subscribe to one key, so with another one they have to do so again.
 * @param given a private key in base64url
 */
export function vapidOf(secret: string, given: string | null, subject: string): Vapid {
  const privateKey = given === null ? derived(secret) : Buffer.from(given, "base64url");
  return {
    publicKey: publicOf(privateKey).toString("base64url"),
    privateKey: privateKey.toString("base64url"),
    subject,
  };
}

/** Nearly all 32 bytes are a private key of P-256. */
function derived(secret: string): Buffer {
  for (let n = 0; ; n++) {
    const bytes = Buffer.from(hkdfSync("sha256", secret, "", `dateline web push ${n}`, 32));
    if (isOnCurve(bytes)) return bytes;
  }
}

function isOnCurve(privateKey: Buffer): boolean {
  try {
    publicOf(privateKey);
    return true;
  } catch {
    return false;
  }
}

function publicOf(privateKey: Buffer): Buffer {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(privateKey);
  return curve.getPublicKey();
}
