// Links that let someone in: shown once, to copy, to share, or to scan.
import { call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { withFresh } from "../account/fresh.js";
import { tick } from "../clock.js";
import { copyButton } from "../copy.js";
import { el, fill } from "../dom.js";
import { problemLine, working } from "../errors.js";
import { qrPicture } from "../qr.js";
import { openSheet } from "../sheet.js";
import { onlyHere } from "./section.js";

/** @param {string} address */
function linkParts(address) {
  return [
    el("pre", { class: "command" }, address),
    onlyHere(),
    el(
      "div",
      { class: "buttons" },
      copyButton(() => address, t("copyLink")),
      typeof navigator.share === "function"
        ? el("button", {
          class: "button",
          type: "button",
          onclick: () => void navigator.share({ url: address }).catch(() => {}),
        }, t("share"))
        : null,
    ),
  ];
}

/** @param {string} link */
const addressOf = (link) => `${location.origin}/#link=${link}`;

/** @param {string} link */
export function showInvite(link) {
  return openSheet(
    t("inviteLink"),
    () =>
      el(
        "div",
        { class: "sheetform" },
        el("p", { class: "note" }, t("inviteLinkHint")),
        ...linkParts(addressOf(link)),
      ),
  );
}

/** How long a link for a device works (docs/protocol.md, section 1), ms: this browser's clock may be wrong. */
const LIFE = 10 * 60 * 1000;

/** @param {{link: string}} first */
export function showDeviceLink(first) {
  return openSheet(t("addDevice"), () => {
    const body = el("div", { class: "sheetform" });
    /** @param {{link: string}} made */
    const show = ({ link }) => {
      const address = addressOf(link);
      const [start, began] = [performance.now(), Date.now()];
      const left = el("p", { class: "note figures", role: "timer" });
      fill(
        body,
        el("p", {}, t("deviceLinkHint")),
        qrPicture(address, t("qrOfLink")),
        left,
        ...linkParts(address),
      );
      tick(left, () => {
        // One of the two stands still while the device sleeps, the other jumps when its clock is set.
        const passed = Math.max(performance.now() - start, Date.now() - began);
        const seconds = Math.max(0, Math.ceil((LIFE - passed) / 1000));
        if (seconds === 0) queueMicrotask(() => over(left));
        return t("worksFor", {
          time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`,
        });
      });
    };
    /** @param {HTMLElement} left */
    const over = (left) => {
      tick(left, null);
      const problem = problemLine();
      const again = el(
        "button",
        {
          class: "button main",
          type: "button",
          onclick: () =>
            void working(
              problem,
              [again],
              async () => show(await withFresh(() => call("/api/devices/link"))),
            ),
        },
        t("makeDeviceLink"),
      );
      fill(body, el("p", { role: "alert" }, t("linkExpired")), problem.node, again);
    };
    show(first);
    return body;
  });
}
