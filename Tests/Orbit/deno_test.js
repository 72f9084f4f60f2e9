// The relay on Deno, one process.
import { conform } from "./conformance/suite.js";
import { denoTarget } from "./support/target.js";

conform("deno", denoTarget);
