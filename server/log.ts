import { pino, type DestinationStream, type Logger } from "pino";
import type { Config } from "./config.ts";

export type Log = Logger;

/**
 * One JSON line per event on standard output. Nothing personal is logged: no addresses, e-mail addresses, cookies or
 * tokens, no bodies and no query strings; a request is found by its id.
 */
export function openLog({ logLevel }: Pick<Config, "logLevel">, destination?: DestinationStream): Log {
  const options = {
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["*.headers", "*.cookie"],
    serializers: { err: describe },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** An error without the values that Postgres quotes: its `detail` names whole rows, and some messages the input. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, code, constraint_name, table_name } = error as Error & Record<string, unknown>;
  return {
    type: name,
    code,
    table: table_name,
    constraint: constraint_name,
    message: error.message.replace(/: "[\s\S]*/, ': "…"').replace(/value "[\s\S]*?" is/, 'value "…" is'),
    stack: (error.stack ?? "").split("\n").filter(isFrame).join("\n"),
  };
}

const isFrame = (line: string): boolean => /^\s+at /.test(line);
