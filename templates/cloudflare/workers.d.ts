/** The platform's own module, as far as it is used. */
export class DurableObject {
  // deno-lint-ignore no-explicit-any
  constructor(ctx: any, env: any);
}
export function waitUntil(promise: Promise<unknown>): void;

import type { ServerSocket } from "./platform.d.ts";

declare global {
  const WebSocketPair: { new (): { 0: ServerSocket; 1: ServerSocket } };
  const WebSocketRequestResponsePair: { new (request: string, response: string): unknown };
}
