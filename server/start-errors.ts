import { ConfigError } from "./config.ts";
import { DirectoryHeldError } from "./data-lock.ts";
import { EmbeddedPostgresError } from "./embedded-cluster.ts";
import { AppError } from "./errors.ts";
import { PictureStoreError } from "./media/store-error.ts";
import { MigrationError } from "./migrate.ts";

/** What is wrong with a command's arguments, and how it is used. */
export class UsageError extends Error {
  name = "UsageError";
}

/** Errors whose message is already for the operator. */
const PLAIN = [
  ConfigError,
  DirectoryHeldError,
  EmbeddedPostgresError,
  MigrationError,
  PictureStoreError,
  UsageError,
  AppError,
];

/** Why the server or a command could not start, as one plain sentence. */
export function explain(error: unknown): string {
  if (isDiskFull(error) || isDiskFull((error as Error).cause)) return "There is no space left on the disk.";
  if (PLAIN.some((kind) => error instanceof kind)) return (error as Error).message;
  const { code, port, address, message, path } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is in use by another program; stop that one, or set another PORT.`;
    case "EADDRNOTAVAIL":
      return `This machine does not have the address ${address}; set another HOST.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return port
        ? `Port ${port} may not be used by this account; set another PORT.`
        : `${path} may not be written by this account.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path} cannot be made, since there is a file where a folder has to be.`;
    case "ENOENT":
      if (path && !path.includes(".s.PGSQL.")) return `There is no ${path}, and it cannot be made.`;
      return "The database in DATABASE_URL cannot be reached.";
    case "ECONNREFUSED":
    case "ECONNRESET":
    case "ENOTFOUND":
    case "ETIMEDOUT":
    case "CONNECT_TIMEOUT":
    case "CONNECTION_CLOSED":
    case "EHOSTUNREACH":
      return "The database in DATABASE_URL cannot be reached.";
    case "28P01":
    case "28000":
      return "The database in DATABASE_URL refuses this user or password.";
    case "53300":
      return "The database in DATABASE_URL has no connections left.";
    case "57P03":
      return "The database in DATABASE_URL is not accepting connections at the moment.";
    case "3D000":
      return "The database named in DATABASE_URL does not exist.";
    default:
      return `Dateline could not start: ${(message ?? String(error)).split("\n")[0]}`;
  }
}

/** The system's code, or Postgres's. */
const isDiskFull = (error: unknown): boolean =>
  ["ENOSPC", "53100"].includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");
