// A machine's code is understood as people type it, and nothing else is taken for one.
import { strictEqual as equal } from "node:assert";
import { readUserCode } from "../../web/text/usercode.js";

Deno.test("user code: case, blanks and dashes do not count", () => {
  for (const text of ["BCDF-GHJK", "bcdfghjk", " Bcdf ghjk\n", "b-c-d-f-g-h-j-k", "BCDF–GHJK"]) {
    equal(readUserCode(text), "BCDF-GHJK", text);
  }
});

Deno.test("user code: what looks like a letter of it is taken for that letter", () => {
  equal(readUserCode("1256-8BLZ"), "LZSG-BBLZ");
  equal(readUserCode("вкмн-ртхс"), "BKMH-PTXC");
});

Deno.test("user code: what cannot be one is not sent", () => {
  for (
    const text of [
      "",
      "BCDF-GHJ",
      "BCDF-GHJKL",
      "ABCD-FGHJ",
      "BCDF-GHJ0",
      "BCDF_GHJK",
      "constructor",
    ]
  ) {
    equal(readUserCode(text), null, text);
  }
});
