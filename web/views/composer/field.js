// A field that grows with its text, and the key that sends.

/**
 * Makes a field as high as its text; the style bounds it.
 * @param {HTMLTextAreaElement} field
 */
export function growing(field) {
  if (CSS.supports("field-sizing", "content")) return () => {};
  return () => {
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
  };
}

/**
 * Enter sends where there is a keyboard, and makes a line where there is only a screen; Ctrl or Cmd sends everywhere.
 * @param {KeyboardEvent} event
 */
export function sendsOnEnter(event) {
  if (
    event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey || event.repeat
  ) return false;
  return event.ctrlKey || event.metaKey || matchMedia("(pointer: fine)").matches;
}
