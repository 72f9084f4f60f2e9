// What a machine's codex says about itself: models, its own account and limits, warnings.

export class MachineFacts {
  /** @param {import("./machine.js").MachineClient} client */
  constructor(client) {
    this.client = client;
  }

  changed() {
    this.client.core.emit({ type: "machine", machine: this.client.id });
  }

  /** Once a session. */
  read() {
    this.readAccount().catch(() => {});
    this.loadModels().catch(() => {});
  }

  /** @param {string} method @param {any} params @param {number} ms */
  notification(method, params, ms) {
    const { warnings } = this.client.machine;
    switch (method) {
      case "account/updated":
        this.readAccount().catch(() => {});
        return;
      case "account/rateLimits/updated":
        return this.setLimits(params.rateLimits);
      case "account/login/completed":
        return this.loginCompleted(params);
      case "configWarning":
      case "deprecationNotice":
        warnings.push({
          at: ms,
          message: String(params.summary ?? ""),
          details: params.details ?? null,
        });
        if (warnings.length > 20) warnings.shift();
        this.changed();
    }
  }

  /** @param {any} params */
  loginCompleted(params) {
    const account = this.client.machine.codexAccount;
    if (!account.login || (params.loginId && account.login.id !== params.loginId)) return;
    if (params.success) account.login = null;
    else {
      account.login.status = "failed";
      account.login.problem = params.error ?? null;
    }
    this.changed();
    if (params.success) this.readAccount().catch(() => {});
  }

  async loadModels() {
    const result = await this.client.ask("model/list", {});
    this.client.machine.models = (result?.data ?? []).map((/** @type {any} */ model) => ({
      model: model.model ?? model.id,
      displayName: model.displayName ?? model.model,
      description: model.description ?? "",
      isDefault: model.isDefault === true,
      hidden: model.hidden === true,
      efforts: (model.supportedReasoningEfforts ?? []).map((/** @type {any} */ option) => ({
        effort: option.reasoningEffort,
        description: option.description ?? "",
      })),
      defaultEffort: model.defaultReasoningEffort ?? null,
    }));
    this.changed();
  }

  async readAccount() {
    const { account, requiresOpenaiAuth } = await this.client.ask("account/read", {});
    const old = this.client.machine.codexAccount;
    const ok = account !== null && account !== undefined || requiresOpenaiAuth === false;
    this.client.machine.codexAccount = {
      status: ok ? "ok" : "needed",
      type: account?.type ?? null,
      email: account?.email ?? null,
      plan: account?.planType ?? null,
      login: ok ? null : old.login,
    };
    this.changed();
    if (account?.type === "chatgpt") {
      const { rateLimits } = await this.client.ask("account/rateLimits/read", {});
      this.setLimits(rateLimits);
    }
  }

  /** @param {any} raw RateLimitSnapshot; null fields mean: no news */
  setLimits(raw) {
    if (!raw) return;
    const old = this.client.machine.limits;
    const window = (/** @type {any} */ from) =>
      from && {
        usedPercent: from.usedPercent ?? 0,
        windowMinutes: from.windowDurationMins ?? null,
        resetsAt: typeof from.resetsAt === "number" ? from.resetsAt * 1000 : null,
      };
    this.client.machine.limits = {
      primary: window(raw.primary) ?? old?.primary ?? null,
      secondary: window(raw.secondary) ?? old?.secondary ?? null,
      reached: raw.rateLimitReachedType ?? null,
      plan: raw.planType ?? old?.plan ?? null,
    };
    this.changed();
  }
}
