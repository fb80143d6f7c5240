import { registerHooks } from "node:module";

/**
 * postgres.js, mended as it is loaded. Version 3.4.9 ends the whole process when a connection closes between a query's
 * being handed to it and its being written (porsager/postgres issues 1154 and 1208, pull requests 1168 and 1209, open
 * for a year), puts a reserved connection that has closed back into the pool, where it fails every query it gets, and
 * gives the next connection to a caller whose own attempt has failed, who never returns it.
 * A database that restarts would take the newsroom down with it. This module goes when upstream mends them.
 */
const MENDS: Record<string, [find: string, replace: string][]> = {
  "/postgres/src/connection.js": [
    [
      "function nextWrite(fn) {\n",
      `function nextWrite(fn) {
    if (socket === null) {
      nextWriteTimer !== null && clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      query = null
      return false
    }
`,
    ],
    [
      "    clearImmediate(nextWriteTimer)\n    socket.removeListener('data', data)\n",
      "    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener('data', data)\n",
    ],
  ],
  "/postgres/src/index.js": [
    [
      "const query = { reserve: resolve, reject }\n",
      "const query = { reserve: resolve, reject: e => (queries.remove(query), reject(e)) }\n",
    ],
    [
      "    c.reserved.release = true\n",
      `    c.reserved.release = true
    let lost = null
    c.onclose = e => {
      lost = e
      while (queue.length)
        queue.shift().reject(e)
    }
`,
    ],
    [
      "    sql.release = () => {\n      c.reserved = null\n",
      "    sql.release = () => {\n      if (lost)\n        return\n      c.onclose = null\n      c.reserved = null\n",
    ],
    [
      "    return sql\n\n    function handler(q) {\n      c.queue === full\n",
      "    return sql\n\n    function handler(q) {\n      if (lost)\n        return q.reject(lost)\n      c.queue === full\n",
    ],
  ],
};

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mends = Object.entries(MENDS).find(([path]) => url.endsWith(path))?.[1];
    return mends && loaded.source ? { ...loaded, source: mend(textOf(loaded.source), mends) } : loaded;
  },
});

/** @throws when the library is no longer the one that this was written for: look at it again before going on */
function mend(source: string, mends: [find: string, replace: string][]): string {
  return mends.reduce((text, [find, replace]) => {
    if (text.split(find).length !== 2) throw new Error("postgres.js has changed; review server/postgres-js.ts.");
    return text.replace(find, () => replace);
  }, source);
}

const { default: postgres } = await import("postgres");
export { postgres };

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
