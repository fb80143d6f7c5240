import {
  CompiledQuery,
  Kysely,
  type AbortableOperationOptions,
  type DatabaseConnection,
  type TransactionSettings,
} from "kysely";
import { PostgresJSDialect, PostgresJSDriver } from "kysely-postgres-js";
import type { Options, Sql } from "postgres";
import type { Db, Schema } from "./database.ts";
import { postgres } from "./postgres-js.ts";

/** How busy the pool is: connections that work at this moment, and callers who wait for one. */
export interface PoolUse {
  readonly inUse: number;
  readonly waiting: number;
}

export interface Database {
  readonly db: Db;
  readonly sql: Sql;
  readonly pool: PoolUse;
}

/** Milliseconds: nobody waits longer for a lock, a statement, or a colleague's stalled process. */
const LIMITS = { lock_timeout: 3_000, statement_timeout: 5_000, idle_in_transaction_session_timeout: 5_000 };

/** One push asks three questions at once. Each process holds these besides its pool, and one more for LISTEN. */
export const WIRE_CONNECTIONS = 3;

/** @param url libpq style; `?host=/directory` means a unix socket. */
export function openDatabase(url: string, pool: number): Database {
  const sql = connect(url, { max: pool, connection: { ...LIMITS, application_name: "dateline" } });
  const use = countUse(sql);
  return { db: new Kysely<Schema>({ dialect: new Dialect({ postgres: sql }) }), sql, pool: use };
}

const WITH_COMMIT = Symbol("with the commit");

/**
 * Makes a statement the last of its transaction: it goes to Postgres together with the commit, so that what it locks
 * is free without waiting for this process to hear of it. Where it fails, Postgres makes a rollback of the commit.
 * Whatever the transaction asks after it may only read.
 */
export const withCommit = <R>(query: CompiledQuery<R>): CompiledQuery<R> =>
  Object.freeze({ ...query, [WITH_COMMIT]: true as const });

const BEGIN = CompiledQuery.raw("begin");
const COMMIT = CompiledQuery.raw("commit");

class Dialect extends PostgresJSDialect {
  readonly #postgres: Sql;

  constructor({ postgres }: { postgres: Sql }) {
    super({ postgres });
    this.#postgres = postgres;
  }

  override createDriver(): PostgresJSDriver {
    return new Driver({ postgres: this.#postgres });
  }
}

class Driver extends PostgresJSDriver {
  readonly #committing = new WeakMap<DatabaseConnection, Promise<unknown>>();

  override async acquireConnection(
    options?: AbortableOperationOptions,
  ): ReturnType<PostgresJSDriver["acquireConnection"]> {
    const connection = await super.acquireConnection(options);
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = async <R>(query: CompiledQuery) => {
      if (!(WITH_COMMIT in query)) return execute<R>(query);
      const executing = execute<R>(query);
      const committing = execute(COMMIT);
      this.#committing.set(connection, committing);
      await Promise.allSettled([executing, committing]);
      return executing;
    };
    return connection;
  }

  /** Goes to Postgres together with the first statement, which fails likewise where it cannot. */
  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (settings.isolationLevel || settings.accessMode) return super.beginTransaction(connection, settings);
    connection.executeQuery(BEGIN).catch(() => {});
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (this.#committing.get(connection) ?? connection.executeQuery(COMMIT));
  }

  /**
   * kysely-postgres-js 5.0.0 answers a rollback on a connection that is gone with a TypeError in place of the failure
   * that mattered. A connection that cannot roll back is closed, and Postgres has rolled back already.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("rollback")).catch(() => {});
  }
}

/** Kysely reserves a connection for each query and each transaction, and that is counted. */
function countUse(sql: Sql): PoolUse {
  const use = { inUse: 0, waiting: 0 };
  const reserve = sql.reserve.bind(sql);
  sql.reserve = async () => {
    use.waiting++;
    const connection = await reserve().finally(() => use.waiting--);
    use.inUse++;
    const release = connection.release.bind(connection);
    connection.release = () => {
      use.inUse--;
      release();
    };
    return connection;
  };
  return use;
}

/** postgres.js with `?host=/directory` understood, which it leaves out. */
export function connect(url: string, options: Options<Record<string, never>> = {}): Sql {
  const parsed = new URL(url);
  const socket = parsed.searchParams.get("host");
  parsed.searchParams.delete("host");
  return postgres(parsed.href, {
    onnotice: () => {},
    connect_timeout: 10,
    // Seconds between two tries to connect; the library's own doubling would keep readers waiting after an outage.
    backoff: () => 0.2 + Math.random() * 0.3,
    ...(socket ? { host: socket } : {}),
    ...options,
  });
}
