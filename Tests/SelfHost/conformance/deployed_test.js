// The relay's own suite, unchanged, on what self-host deployed.
import { conform } from "../../Orbit/conformance/suite.js";
import { deployedTarget } from "./target.js";

for (const provider of /** @type {const} */ (["cloudflare", "deno"])) {
  conform(provider, () => deployedTarget(provider));
}
