/** What of Cloudflare's platform the adapter uses; its own types are not fetched. */

export interface ServerSocket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** What survives a sleep of the object, at most 16,384 bytes. */
  // deno-lint-ignore no-explicit-any
  serializeAttachment(value: any): void;
  // deno-lint-ignore no-explicit-any
  deserializeAttachment(): any;
}

export interface Cursor {
  // deno-lint-ignore no-explicit-any
  toArray(): any[];
  // deno-lint-ignore no-explicit-any
  one(): any;
}

export interface Storage {
  sql: { exec(query: string, ...bindings: (string | number | null)[]): Cursor };
  transactionSync<T>(change: () => T): T;
  getAlarm(): Promise<number | null>;
  setAlarm(time: number): Promise<void>;
  deleteAlarm(): Promise<void>;
  deleteAll(): Promise<void>;
}

export interface ObjectState {
  id: { name?: string };
  storage: Storage;
  acceptWebSocket(socket: ServerSocket): void;
  getWebSockets(): ServerSocket[];
  // deno-lint-ignore no-explicit-any
  setWebSocketAutoResponse(pair: any): void;
  getWebSocketAutoResponseTimestamp(socket: ServerSocket): Date | null;
}

export interface ScopeStub {
  fetch(request: Request): Promise<Response>;
  perform(
    scope: string,
    name: string,
    args: import("../orbit/ports.d.ts").Json,
  ): Promise<import("../orbit/ports.d.ts").Answer>;
}

export interface Environment {
  SCOPE: { getByName(name: string): ScopeStub };
  /** The pinned origin. */
  ORIGIN?: string;
  /** At least 32 characters. */
  DEPLOY_KEY?: string;
}
