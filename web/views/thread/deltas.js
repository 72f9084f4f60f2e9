// When a text that grows goes into the page: a lone token at once, what comes faster once a frame, and never so much in
// one frame that the page would stand still.

/** Characters that go into the page in one frame. */
const A_FRAME = 32_000;

/**
 * @param {(turn: string, item: string, room: number) => number} apply shows at most so many characters more of an item
 *   whose text grew; gives back how many are still to come
 * @param {() => void} after once for each time something was shown
 */
export function createDeltas(apply, after) {
  /** Items whose text grew, and the turn of each. @type {Map<string, string>} */
  const waiting = new Map();
  let framed = false;
  let frame = 0;

  const nextFrame = () => {
    framed = true;
    frame = requestAnimationFrame(flush);
  };
  const flush = () => {
    framed = false;
    if (waiting.size === 0) return;
    for (const [item, turn] of waiting) {
      if (apply(turn, item, A_FRAME) > 0) break;
      waiting.delete(item);
    }
    after();
    // A frame that took something is followed by one that may take more; a quiet one ends it.
    nextFrame();
  };

  return {
    /** @param {{turn: string, item: string}} delta */
    take({ turn, item }) {
      waiting.set(item, turn);
      if (!framed) flush();
    },
    /** Nothing is left to do for an item: its whole text was just shown. @param {string} item */
    drop: (item) => waiting.delete(item),
    stop() {
      cancelAnimationFrame(frame);
      waiting.clear();
    },
  };
}
