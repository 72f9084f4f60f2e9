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

/** What codex answers while its queue of requests is full: it has not looked at this one, and asks to try again later. */
const OVERLOADED = -32001;
/** How often such a request is sent again. */
const TRIES = 6;
/** How long it waits, in milliseconds: 0.1 s, then twice as long each time, and up to half of that more. @param {number} tries */
const pause = (tries) => 100 * 2 ** tries * (1 + Math.random() / 2);

/**
 * @typedef {{id: string | number, method: string, params: any}} ServerRequest
 * @typedef {{
 *  first?: (result: any) => void,
 *  resolve: (value: any) => void,
 *  reject: (error: Error) => void,
 *  send: () => void,
 *  tries: number,
 *  timer?: ReturnType<typeof setTimeout>,
 * }} Call
 * @typedef {{
 *  send(text: string, token: unknown, deadline: number): void,
 *  notification(method: string, params: any, emittedAt: number): void,
 *  request(request: ServerRequest): void,
 * }} RpcHost
 */

export class Rpc {
  /** @param {RpcHost} host @param {(tries: number) => number} [wait] before a request is sent again, in milliseconds */
  constructor(host, wait = pause) {
    this.host = host;
    this.wait = wait;
    this.nextId = 1;
    /** @type {Map<number, Call>} */
    this.calls = new Map();
    this.closed = false;
  }

  /**
   * @param {string} method
   * @param {any} params
   * @param {{token?: unknown, deadline?: number, first?: (result: any) => void, once?: boolean}} [options] `token`,
   *  `deadline`: see `Session.send`; `first` gets the result before anything that came behind it is looked at; `once`: not
   *  sent again where codex was too busy, since something asked meanwhile may have overtaken it
   * @returns {Promise<any>} the result; rejects with RpcError
   */
  request(method, params, options = {}) {
    if (this.closed) return Promise.reject(new RpcError("reset", "The session has ended."));
    const id = this.nextId++;
    const { first, token = null, deadline = Infinity, once = false } = options;
    return new Promise((resolve, reject) => {
      const send = () => this.host.send(JSON.stringify({ id, method, params }), token, deadline);
      this.calls.set(id, { first, resolve, reject, send, tries: once ? TRIES : 0 });
      send();
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
    if (message.error?.code === OVERLOADED && call.tries < TRIES) {
      call.timer = setTimeout(call.send, this.wait(call.tries++));
      return;
    }
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
    for (const call of calls) {
      clearTimeout(call.timer);
      call.reject(new RpcError("reset", `The session ended: ${reason}.`));
    }
  }
}
