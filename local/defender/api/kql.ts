const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Texts, verbatim texts and comments, in which brackets mean nothing. */
const OPAQUE = /\/\/[^\n]*|[@hH]{1,2}"[^"]*"|[@hH]{1,2}'[^']*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;

/** What keeps a query from being KQL at all, in words; nothing else of the language is looked at. */
export function kqlMistake(query: string): string | undefined {
  const bare = query.replace(OPAQUE, "");
  if (bare.trim() === "") return "it is empty";
  const open: string[] = [];
  for (const character of bare) {
    if (character === '"' || character === "'") return "a quote is not closed";
    if (closing[character]) open.push(closing[character]);
    else if (Object.values(closing).includes(character) && open.pop() !== character) {
      return `'${character}' closes nothing`;
    }
  }
  return open.length > 0 ? `'${open.at(-1)}' is missing` : undefined;
}
