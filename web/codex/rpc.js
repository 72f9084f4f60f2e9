// JSON-RPC as app-server speaks it (no `jsonrpc` key): matches answers to requests, hands on the rest.

/** An error answered by codex or the anchor, or the end of the session before an answer (`code` "reset"). */
export class RpcError extends Error {
  /** @param {number | string} code @param {string} message @param {unknown} [data] */
  constructor(code, message, data = null) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }
}

/**
 * Whether an error says that the method is not there. codex answers -32601, and for names that it does not know at
 * all -32600 with serde's sentence (tried on 0.163).
 * @param {unknown} error
 * @param {string} method
 */
export function isMissing(error, method) {
  if (!(error instanceof RpcError)) return false;
  if (error.code === -32601) return true;
  return error.code === -32600 && error.message.includes(`unknown variant \`${method}\``);
}

/**
 * @typedef {{id: string | number, method: string, params: any}} ServerRequest
 * @typedef {{
 *  send(text: string, token: unknown, deadline: number): void,
 *  notification(method: string, params: any, emittedAt: number): void,
 *  request(request: ServerRequest): void,
 * }} RpcHost
 */

export class Rpc {
  /** @param {RpcHost} host */
  constructor(host) {
    this.host = host;
    this.nextId = 1;
    /** @type {Map<number, {first?: (result: any) => void, resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.calls = new Map();
    this.closed = false;
  }

  /**
   * @param {string} method
   * @param {any} params
   * @param {{token?: unknown, deadline?: number, first?: (result: any) => void}} [options] `token`, `deadline`: see
   *  `Session.send`; `first` gets the result before anything that came behind it is looked at
   * @returns {Promise<any>} the result; rejects with RpcError
   */
  request(method, params, options = {}) {
    if (this.closed) return Promise.reject(new RpcError("reset", "The session has ended."));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { first: options.first, resolve, reject });
      this.host.send(
        JSON.stringify({ id, method, params }),
        options.token ?? null,
        options.deadline ?? Infinity,
      );
    });
  }

  /** @param {string} method @param {any} [params] */
  notify(method, params) {
    this.host.send(
      JSON.stringify(params === undefined ? { method } : { method, params }),
      null,
      Infinity,
    );
  }

  /** Takes one message of the other side; what cannot be understood is ignored. @param {string} text */
  receive(text) {
    /** @type {any} */
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message === null || typeof message !== "object") return;
    if (typeof message.method === "string") {
      if (message.id === undefined) {
        this.host.notification(
          message.method,
          message.params ?? {},
          Number(message.emittedAtMs ?? 0),
        );
      } else {
        this.host.request({ id: message.id, method: message.method, params: message.params ?? {} });
      }
      return;
    }
    const call = this.calls.get(message.id);
    if (!call) return;
    this.calls.delete(message.id);
    if (message.error) {
      const { code, message: words, data } = message.error;
      call.reject(new RpcError(code ?? 0, String(words ?? "codex answered with an error."), data));
    } else {
      call.first?.(message.result);
      call.resolve(message.result);
    }
  }

  /** Every open call ends with `reset`. @param {string} reason */
  close(reason) {
    this.closed = true;
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.reject(new RpcError("reset", `The session ended: ${reason}.`));
  }
}
