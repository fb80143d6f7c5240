import { pino, type Logger } from "pino";
import type { Config } from "./config.ts";

export type Log = Logger;

/**
 * One JSON line per event on standard output. Nothing personal is logged: no addresses, e-mail addresses, cookies or
 * tokens, no bodies and no query strings; a request is found by its id.
 */
export function openLog({ logLevel }: Pick<Config, "logLevel">): Log {
  return pino({
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["*.headers", "*.cookie"],
  });
}
