// The relay on Deno Deploy, which says where to listen, gives the store, may run several
// instances over it and ends one with SIGINT. Environment:
// DEPLOY_KEY. The address is known only once it runs: its deployer pins it (docs/protocol.md, section 2).
import * as assets from "../assets.js";
import { denoOrbit } from "./adapter.js";

const kv = await Deno.openKv();
const deployKey = Deno.env.get("DEPLOY_KEY") || null;
if (deployKey !== null && deployKey.length < 32) {
  throw new Error("DEPLOY_KEY is too short: set it to at least 32 random characters.");
}
const orbit = denoOrbit(kv, assets, { origin: null, deployKey, shared: true });
Deno.serve(orbit.fetch);
Deno.addSignalListener("SIGINT", async () => {
  await orbit.end();
  Deno.exit(0);
});
