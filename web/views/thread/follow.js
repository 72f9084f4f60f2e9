// Keeps a growing page at its end while one is there, and where one reads while one is not.

/** So close to the end counts as there. */
const NEAR = 48;

/**
 * @param {HTMLElement} scroller
 * @param {HTMLElement} content
 * @param {{moved: (atEnd: boolean) => void, nearTop: () => void}} events
 */
export function follow(scroller, content, events) {
  let atEnd = true;
  let held = 0;
  let height = 0;
  let before = 0;
  const distance = () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
    before = scroller.scrollTop;
  };
  const onScroll = () => {
    const now = scroller.scrollTop;
    const was = atEnd;
    // Only a person's scrolling up leaves the end; growth below does not.
    if (distance() <= NEAR) atEnd = true;
    else if (now < before - 1) atEnd = false;
    before = now;
    if (was !== atEnd) events.moved(atEnd);
    if (now < 1200) events.nearTop();
  };
  // Opening something while at the end must not push it out from under the finger.
  const hold = () => held = performance.now() + 400;
  const resized = new ResizeObserver(() => {
    const grown = content.offsetHeight !== height;
    height = content.offsetHeight;
    if (!atEnd) return;
    if (grown && performance.now() < held) {
      if (distance() > NEAR) {
        atEnd = false;
        events.moved(false);
      }
    } else toEnd();
  });
  scroller.addEventListener("scroll", onScroll, { passive: true });
  content.addEventListener("click", hold);
  content.addEventListener("keydown", hold);
  resized.observe(content);
  resized.observe(scroller);
  return {
    get atEnd() {
      return atEnd;
    },
    /** @param {boolean} [smooth] */
    toEnd(smooth = false) {
      atEnd = true;
      held = 0;
      if (smooth && distance() < 4000) {
        scroller.scrollTo({ top: scroller.scrollHeight, behavior: "smooth" });
      } else toEnd();
      events.moved(true);
    },
    /** Puts what stood on the screen back where it was after something was put in above it. @param {() => void} change */
    keep(change) {
      const from = scroller.scrollHeight - scroller.scrollTop;
      change();
      if (!atEnd) scroller.scrollTop = scroller.scrollHeight - from;
      before = scroller.scrollTop;
    },
    position: () => ({ atEnd, top: scroller.scrollTop }),
    /** @param {number} top */
    restore(top) {
      atEnd = false;
      scroller.scrollTop = top;
      before = scroller.scrollTop;
      events.moved(false);
    },
    stop: () => resized.disconnect(),
  };
}
