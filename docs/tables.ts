import { z } from "zod";

/** A table in Markdown. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** What is read here of a JSON Schema. */
interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  default?: unknown;
  description?: string;
}

/** A row for each field of an input: its name, its type in words, and what it means. */
export function fieldsOf(input: z.ZodType): string[][] {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" }) as Schema;
  return Object.entries(properties).map(([name, field]) => [
    required.includes(name) ? `\`${name}\`` : `\`${name}\`, optional`,
    typeOf(field),
    meaningOf(field),
  ]);
}

function typeOf({ type, enum: values, const: value, items, anyOf, oneOf, properties }: Schema): string {
  const either = anyOf ?? oneOf;
  if (either) return [...new Set(either.map(typeOf))].join(" or ");
  if (values) return values.map((one) => `\`${one}\``).join(", ");
  if (value !== undefined) return `\`${value}\``;
  if (items) return `list of ${items.properties ? `{ ${Object.keys(items.properties).join(", ")} }` : typeOf(items)}`;
  if (properties) return `{ ${Object.keys(properties).join(", ")} }`;
  return { string: "text", integer: "whole number", boolean: "true or false" }[type ?? ""] ?? type ?? "anything";
}

const meaningOf = ({ description = "", default: value }: Schema): string =>
  [description, value !== undefined && `\`${JSON.stringify(value)}\` if left out`].filter(Boolean).join("; ");
