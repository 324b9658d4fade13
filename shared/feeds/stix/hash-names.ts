const HEX: Record<string, number> = {
  MD5: 32,
  MD6: 32,
  RIPEMD160: 40,
  SHA1: 40,
  SHA224: 56,
  SHA256: 64,
  SHA384: 96,
  SHA512: 128,
  SHA3224: 56,
  SHA3256: 64,
  SHA3384: 96,
  SHA3512: 128,
  WHIRLPOOL: 128,
};

/** A hash algorithm in one spelling: `SHA-256`, `sha256` and `SHA_256` are `SHA256`. */
export const hashName = (step: string): string => step.toUpperCase().replaceAll(/[-_]/g, "");

/** What is wrong with a hash that a pattern asks for: one of another length matches nothing, ever. */
export function hashObjection(
  path: readonly string[],
  operator: string,
  values: readonly string[],
): string | undefined {
  const name = path[path.lastIndexOf("hashes") + 1];
  if (!path.includes("hashes") || name === undefined || !["=", "=="].includes(operator)) return undefined;
  const digits = HEX[hashName(name)];
  const wrong = values.find(
    (value) => digits !== undefined && !(value.length === digits && /^[0-9a-f]+$/i.test(value)),
  );
  return wrong === undefined ? undefined : `${JSON.stringify(wrong.slice(0, 80))} is no ${name} hash`;
}
