// Nothing is decided by a tap that was meant for something else: not in the first 300 ms after a card appeared or moved,
// and not by a key that is held down.
import { trying } from "../errors.js";

const REST = 300;
let armedAt = 0;
let repeats = false;

document.addEventListener("keydown", (event) => repeats = event.repeat, true);
document.addEventListener("pointerdown", () => repeats = false, true);

/** A card came, went or moved. */
export function cardsMoved() {
  armedAt = performance.now() + REST;
}

/**
 * A click's listener that lets only meant ones through.
 * @param {() => void} decide
 */
export function deliberate(decide) {
  return (/** @type {MouseEvent} */ event) => {
    if (performance.now() < armedAt || repeats) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    trying(decide);
  };
}
