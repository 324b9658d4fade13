/**
 * Whether a path fits a pattern in which `*` stands for any run of characters. Case does not matter, nor whether the
 * caller pinned version 1.0 of the API.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const parts = withoutVersion(pattern)
    .split("*")
    .map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(withoutVersion(path));
}

const withoutVersion = (path: string): string => path.replace(/^\/api\/v1\.0(?=\/|$)/i, "/api");
