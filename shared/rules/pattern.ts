/**
 * Whether a whole text fits a pattern in which `*` stands for anything, without regard to case and to blanks around it.
 * Takes time in proportion to the length of both, whatever the pattern.
 */
export function fits(pattern: string, text: string): boolean {
  const [start = "", ...others] = plain(pattern).split("*");
  const rest = plain(text);
  const end = others.pop();
  if (end === undefined) return rest === start;
  if (!rest.startsWith(start)) return false;

  let from = start.length;
  for (const part of others) {
    const found = rest.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return rest.length - from >= end.length && rest.endsWith(end);
}

export const plain = (text: string): string => text.trim().toLowerCase();
