// The icons: strokes on a grid of 24, drawn by the text's colour.

const PATHS = {
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14M16.2 16.2 21 21",
  inbox: "M4 13l2.5-7.5h11L20 13v5.5H4zM4 13h4.5l1.5 2.5h4l1.5-2.5H20",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  down: "M6 9l6 6 6-6",
  end: "M12 5v13M6.5 12.5 12 18l5.5-5.5",
  up: "M12 19V6M6 11.5 12 5.5l6 6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  stop: "M7.5 7.5h9v9h-9z",
  check: "M5 12.5 10 17.5 19.5 7",
  cross: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h10.5v10.5H9zM5.5 15H4.5V4.5H15v1",
  wrap: "M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15.5 12.5 18l2.5 2.5M4 18h4",
  file: "M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5",
  terminal: "M5 7.5 9.5 12 5 16.5M12 17h7",
  pencil: "M4.5 19.5l1-4.5L16 4.5 19.5 8 9 18.5z",
  folder: "M3.5 6h6l2 2.5h9V19h-17z",
  globe:
    "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17M3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17",
  shield: "M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z",
  question: "M9 9.5a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2.3M12 18h.01",
  key: "M7.5 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M11.5 12H21M17.5 12v3.5",
  laptop: "M5 5.5h14v10H5zM2.5 18.5h19",
  phone: "M7 3h10v18H7zM11 18h2",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16M12 8v4.5l3 1.5",
  thought: "M12 4v3M12 17v3M4 12h3M17 12h3M6.5 6.5l2 2M15.5 15.5l2 2M6.5 17.5l2-2M15.5 8.5l2-2",
  list: "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7",
  archive: "M4 4.5h16v4H4zM5.5 8.5v11h13v-11M10 12.5h4",
  warning: "M12 4.5l8.5 15h-17zM12 10v4.5M12 17h.01",
  user:
    "M12 4.5a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6M4.5 20c.8-4 3.8-5.5 7.5-5.5s6.7 1.5 7.5 5.5",
  leave: "M14 4.5H5v15h9M10 12h10.5M17 8.5 20.5 12 17 15.5",
  branch: "M7 4v16M7 14c0-3.5 10-1.5 10-6.5M17 7.5a1.8 1.8 0 1 0 0-.01",
  tool:
    "M14.5 6a4 4 0 0 1 5-1l-3 3 1 1 3-3a4 4 0 0 1-5.5 5L8 18a2 2 0 0 1-3-3l7-7c0-.7.5-1.5 2.5-2",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15 9h.01",
  agents:
    "M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5M16.5 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4M3 18.5c.5-4 9.5-4 10 0M15 14.5c3.5-.5 5.5 1 6 3.5",
  sun:
    "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1 1M17.4 17.4l1 1M5.6 18.4l1-1M17.4 6.6l1-1",
  external: "M13 5h6v6M19 5l-8.5 8.5M16 14v5H5V8h5",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 4v4.5H15",
  mark: "M4 5h16v14H4zM8 10l2.5 2L8 14M12.5 14.5H16",
};

/** @typedef {keyof typeof PATHS} IconName */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {IconName} name
 * @param {string} [label] spoken by a screen reader; without one the icon is an ornament
 */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name === "more" ? "icon dots" : "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.appendChild(path);
  return svg;
}
