import { z } from "zod";

const Template = z.looseObject({
  definitions: z.record(z.string(), z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() })),
});

/** The names of the app settings that the compiled template knows. */
export interface TemplateSettings {
  /** Set by the template itself. */
  set: string[];
  /** Offered to the operator. */
  choices: string[];
  /** References to secrets in the vault. */
  secrets: string[];
}

export function settingsOfTemplate(text: string): TemplateSettings {
  const { definitions } = Template.parse(JSON.parse(text));
  const offered = (type: string) => Object.keys(definitions[type]?.properties ?? {});
  return { set: setIn(text), choices: offered("choices"), secrets: offered("fromVault") };
}

/** The keys of every object that ends up in the app's settings: `createObject('NAME', value, …)`, and variables. */
function setIn(text: string): string[] {
  const union = /"\[union\((createObject\('AzureWebJobsStorage__[^\n]+)\]"/.exec(text)?.[1] ?? "";
  const expressions = [...union.matchAll(/createObject\(/g)].map(({ index }) => union.slice(index + 13));
  const conditional = [...text.matchAll(/createObject\('(ALERT_EXPORT_ACCOUNT_URL)'/g)].map(([, name = ""]) => name);
  return [...new Set([...expressions.flatMap(keysOf), ...conditional])];
}

/** Every other argument up to the closing bracket, by brackets and quotes alone. */
function keysOf(expression: string): string[] {
  const parts: string[] = [""];
  let depth = 0;
  let isQuoted = false;
  for (const letter of expression) {
    if (letter === "'") isQuoted = !isQuoted;
    if (!isQuoted && letter === "(") depth++;
    if (!isQuoted && letter === ")" && depth-- === 0) break;
    if (!isQuoted && letter === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.filter((part, index) => index % 2 === 0 && part.trim() !== "").map((part) => part.trim().slice(1, -1));
}
