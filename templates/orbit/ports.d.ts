/**
 * What a platform gives the core. An adapter implements these; every decision lies in the core.
 *
 * A scope is a piece of state with its own atomicity: `user:<id>`, `relay`, `name:<2 hex>`, `code:<2 hex>`,
 * `limit:<2 hex>`, `nobody:<hex>`. Nothing needs two scopes to be atomic. Times are milliseconds since 1970.
 */

/** JSON: what an entry holds and what crosses from one scope to another. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** One entry of a scope. */
export interface Entry<T = Json> {
  key: string;
  value: T;
}

/**
 * Reads and writes of one scope that take effect together or not at all. What was read is checked at the commit; an entry
 * that another writer adds under a listed prefix meanwhile may be missed, one that it changes or deletes is not.
 */
export interface Transaction {
  /** The value, or undefined when there is none or its deadline has passed. */
  get<T = Json>(key: string): Promise<T | undefined>;
  /** The entries whose key starts with `prefix`, by key, without those past their deadline. */
  list<T = Json>(prefix: string): Promise<Entry<T>[]>;
  /** `deadline`: the entry does not exist from this time on (exact; the space may be freed later). */
  set(key: string, value: Json, deadline?: number): void;
  delete(key: string): void;
  /** Deletes `most` entries, whatever they are; answers how many there were. */
  clear(most: number): Promise<number>;
}

/** An entry as a driver holds it; `version` changes with each write. */
export interface Stored {
  key: string;
  value: Json;
  version: string | number;
  /** The entry does not exist from this time on; null: it has no deadline. */
  deadline: number | null;
}

/** What a write leaves: an entry, or nothing. */
export type Written = { value: Json; deadline: number | null } | null;

/** What a platform's storage gives for one scope; `storeOf` makes a `Store` of it. */
export interface Driver {
  get(key: string): Promise<Stored | undefined>;
  /** Those whose key starts with `prefix`, by key; the first `most` of them. */
  list(prefix: string, most?: number): Promise<Stored[]>;
  /** Writes all if every checked key still has its version (null: it has no entry), else nothing and answers false. */
  commit(
    checks: [key: string, version: string | number | null][],
    writes: [key: string, written: Written][],
  ): Promise<boolean>;
}

export interface Store {
  /** Runs `change` and commits its writes; runs it again when another writer was faster, so it has no effect beside. */
  transact<T>(change: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** A live socket of a user's room. */
export interface Connection {
  /** `c_…`, new for each socket. */
  id: string;
  /** What frames are addressed to: a browser's connection id, an anchor's machine id. */
  address: string;
  role: "browser" | "anchor";
  user: string;
  /** The sign-in of a browser. */
  signin?: string;
  /** When that sign-in ends if it is not used: the socket does not outlive it. */
  until?: number;
  /** When it was accepted. */
  since: number;
}

/** The live connections of one user, wherever their sockets are. */
export interface Room {
  /** All connections that were greeted, the oldest first. */
  list(): Connection[] | Promise<Connection[]>;
  /** The newest greeted connection at an address. Answers at once when its socket is here. */
  find(address: string): Connection | undefined | Promise<Connection | undefined>;
  /** When anything was last heard from it, a ping included. */
  heard(connection: Connection): number;
  /** Sends the first frame of a connection that was just accepted; from now on it is listed and found. */
  greet(connection: Connection, text: string): void | Promise<void>;
  /**
   * Sends a message; false when the socket is gone. A receiver that has more than 4 MiB waiting is closed with 4004 where
   * the platform can tell. Deno can. Workers have no `bufferedAmount` and their `send` does not wait: there a receiver that
   * stalls is bounded from outside, by the session layer's window (at most 512 KiB a session that was not acknowledged), by
   * its silence (15 s after its last ping the next frame for it closes it), and at last by the platform, which ends an
   * object at 128 MB; all its sockets then dial again.
   *
   * A message is at most 61,440 bytes, but both platforms gather a whole one before anyone can look at its length: Deno up
   * to 64 MiB, Workers up to 32 MiB.
   */
  send(connection: Connection, text: string): boolean | Promise<boolean>;
  /** Closes its socket. It is gone from the room at once. */
  close(connection: Connection, code: number, reason: string): void | Promise<void>;
}

/**
 * A scope from the inside. `room` belongs to the user of a `user:` scope and is empty elsewhere. It may become another one
 * when the first socket comes, so an operation asks for it when it needs it and does not keep it.
 */
export interface Here {
  scope: string;
  store: Store;
  room: Room;
}

/** What an operation answers across scopes: its value, or the refusal in plain data. */
export type Answer = { value: Json } | { refusal: RefusalData };

export interface RefusalData {
  status: number;
  code: string;
  message: string;
  extra?: Record<string, Json>;
  retryAfter?: number;
}

/** What `connect.*` operations answer: the socket to accept. */
export interface Accepted {
  connection: Connection;
  /** Whether the user owns the relay. */
  owner: boolean;
  /** Set when the socket is to be closed right after it was accepted. */
  close?: { code: number; reason: string };
}

export interface Config {
  /** The pinned origin, or null: then it is the one in the `relay` scope. */
  origin: string | null;
}

export interface Secrets {
  /** What a deployer's tokens are signed with: the text's UTF-8 bytes, at least 32; null: there is no deployer. */
  deployKey: string | null;
}

export interface Ports {
  config: Config;
  secrets: Secrets;
  /** The clock, in milliseconds since 1970. */
  now(): number;
  /** The peer's IP address as the platform knows it; never from a header that a client can set. */
  address(request: Request): string;
  /** Runs an operation of the core where the scope is: `orbit.perform(here, name, args)`. */
  call(scope: string, name: string, args: Json): Promise<Answer>;
  /**
   * Runs an operation there that answers with `Accepted`, accepts the request's WebSocket, then calls `orbit.opened`.
   * A refusal is returned instead of a response.
   */
  upgrade(
    scope: string,
    name: string,
    args: Json,
    request: Request,
  ): Promise<Response | { refusal: RefusalData }>;
}

/** A file of the web client. */
export interface Asset {
  /** Its media type. */
  type: string;
  /** Its gzip-compressed body in base64. */
  body: string;
  /** Whether its path names its content, so that it never changes. */
  immutable: boolean;
}

export interface Assets {
  build: string;
  files: Record<string, Asset>;
}
