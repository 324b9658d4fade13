import { z } from "zod";

/** How much an antivirus scan looks at: where malware usually starts from, or everything. */
export const ScanType = z.enum(["Quick", "Full"]).describe("`Full` takes hours");
export type ScanType = z.infer<typeof ScanType>;
