import { ConfigError } from "./config.ts";
import { EmbeddedPostgresError } from "./embedded-postgres.ts";
import { MigrationError } from "./migrate.ts";

/** Why the server could not start, as one plain sentence. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof EmbeddedPostgresError || error instanceof MigrationError)
    return error.message;
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
    case "ENOSPC":
    case "53100":
      return "There is no space left on the disk.";
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "ETIMEDOUT":
    case "CONNECT_TIMEOUT":
    case "CONNECTION_CLOSED":
    case "EHOSTUNREACH":
      return "The database in DATABASE_URL cannot be reached.";
    case "28P01":
    case "28000":
      return "The database in DATABASE_URL refuses this user or password.";
    case "3D000":
      return "The database named in DATABASE_URL does not exist.";
    default:
      return `Dateline could not start: ${message ?? String(error)}`;
  }
}
