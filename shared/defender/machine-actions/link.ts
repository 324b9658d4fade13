import { z } from "zod";

/** Where something is downloaded from. The link is short-lived and carries its own right to read. */
export const Link = z.looseObject({ value: z.string() });

/** The link itself: some answers wrap it in literal quotes. */
export const addressOf = ({ value }: z.infer<typeof Link>): string => value.replace(/^"|"$/g, "");
