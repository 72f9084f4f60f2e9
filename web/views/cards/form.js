// A form from the JSON schema of an MCP elicitation: text, numbers, yes or no, one of, some of.
import { t } from "../../words/words.js";
import { revealed } from "../../text/visible.js";
import { el } from "../dom.js";

/** @typedef {{node: HTMLElement, value: () => any, problem: () => string}} Field */

/**
 * @param {any} schema
 * @returns {{node: HTMLElement, value: () => Record<string, any> | null} | null} null for a schema that cannot be shown;
 *   `value` gives null, and shows why, while something is missing
 */
export function schemaForm(schema) {
  const properties = schema?.properties;
  if (!properties || typeof properties !== "object") return null;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  /** @type {[string, Field][]} */
  const fields = [];
  for (const [name, property] of Object.entries(properties)) {
    const field = fieldOf(name, property, required.has(name));
    if (!field) return null;
    fields.push([name, field]);
  }
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const node = el(
    "div",
    { class: "schemaform" },
    ...fields.map(([, field]) => field.node),
    problem,
  );
  return {
    node,
    value() {
      /** @type {Record<string, any>} */
      const content = Object.create(null);
      for (const [name, field] of fields) {
        const wrong = field.problem();
        problem.textContent = wrong;
        problem.hidden = !wrong;
        if (wrong) {
          /** @type {HTMLElement | null} */ (field.node.querySelector("input, select, textarea"))
            ?.focus();
          return null;
        }
        const value = field.value();
        if (value !== undefined) content[name] = value;
      }
      return content;
    },
  };
}

/** @param {string} name @param {any} property @param {boolean} required @returns {Field | null} */
function fieldOf(name, property, required) {
  const title = revealed(property?.title ?? name);
  const about = property?.description ? revealed(property.description) : null;
  const label = (/** @type {HTMLElement} */ control) =>
    el(
      "label",
      { class: "schemafield" },
      el("span", { class: "kicker" }, required ? title : t("optional", { title })),
      about && el("span", { class: "note" }, about),
      control,
    );
  const missing = (/** @type {boolean} */ empty) =>
    required && empty ? t("fieldMissing", { title }) : "";
  const single = choices(property);
  if (single) {
    const select = el(
      "select",
      { class: "field" },
      ...(required && property.default === undefined
        ? [el("option", { value: "" }, t("choose"))]
        : required
        ? []
        : [el("option", { value: "" }, "—")]),
      ...single.map(([value, text]) =>
        el("option", { value, selected: property.default === value }, text)
      ),
    );
    return {
      node: label(select),
      value: () => select.value || undefined,
      problem: () => missing(!select.value),
    };
  }
  if (property?.type === "boolean") {
    const box = el("input", { type: "checkbox", checked: property.default === true });
    const node = el(
      "label",
      { class: "option" },
      box,
      el(
        "span",
        {},
        title,
        about && el("span", { class: "note" }, about),
      ),
    );
    return { node, value: () => box.checked, problem: () => "" };
  }
  if (property?.type === "array") {
    const items = choices(property.items);
    if (!items) return null;
    const boxes = items.map(([value, text]) => ({
      value,
      text,
      box: el("input", { type: "checkbox", checked: property.default?.includes?.(value) }),
    }));
    const node = el(
      "fieldset",
      { class: "question" },
      el("legend", {}, title),
      ...boxes.map(({ text, box }) => el("label", { class: "option" }, box, el("span", {}, text))),
    );
    const value = () => boxes.filter(({ box }) => box.checked).map(({ value }) => value);
    return {
      node,
      value,
      problem() {
        const n = value().length;
        if (
          n < Number(property.minItems ?? (required ? 1 : 0)) ||
          n > Number(property.maxItems ?? Infinity)
        ) return t("fieldWrong", { title });
        return "";
      },
    };
  }
  if (property?.type === "number" || property?.type === "integer") {
    const input = el("input", {
      class: "field",
      type: "number",
      inputmode: "decimal",
      min: property.minimum,
      max: property.maximum,
      step: property.type === "integer" ? 1 : "any",
      value: property.default,
    });
    return {
      node: label(input),
      value: () => input.value === "" ? undefined : Number(input.value),
      problem: () =>
        missing(input.value === "") || (input.checkValidity() ? "" : t("fieldWrong", { title })),
    };
  }
  if (property?.type !== "string") return null;
  const type = {
    email: "email",
    uri: "url",
    date: "date",
    "date-time": "datetime-local",
  }[/** @type {string} */ (property.format)] ?? "text";
  const input = el("input", {
    class: "field",
    type,
    minlength: property.minLength,
    maxlength: property.maxLength,
    value: property.default,
    autocomplete: "off",
  });
  return {
    node: label(input),
    value: () =>
      input.value === "" && !required
        ? undefined
        : type === "datetime-local"
        ? new Date(input.value).toISOString()
        : input.value,
    problem: () =>
      missing(input.value === "") ||
      (input.checkValidity() &&
          input.value.length >= Number(input.value ? property.minLength ?? 0 : 0)
        ? ""
        : t("fieldWrong", { title })),
  };
}

/** The values of "one of", each with its words; null if it is something else. @param {any} property @returns {[string, string][] | null} */
function choices(property) {
  const titled = property?.oneOf ?? property?.anyOf;
  if (Array.isArray(titled)) {
    return titled.map((each) => [String(each?.const), revealed(each?.title ?? each?.const)]);
  }
  if (!Array.isArray(property?.enum)) return null;
  return property.enum.map((
    /** @type {any} */ value,
    /** @type {number} */ at,
  ) => [String(value), revealed(property.enumNames?.[at] ?? value)]);
}
