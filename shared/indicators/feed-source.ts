import { z } from "zod";

/** Only settings of this kind are read for a feed: the file cannot have the app's own secrets sent anywhere. */
export const FEED_SETTING_PREFIX = "FEED_";

/** Where a feed is, and how one signs in to it. */
export const FeedSource = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "Where it is: the list, the TAXII collection, or the MISP instance; the others have one place, which is known. Over HTTPS, unless it is internal",
    ),
  keySetting: z
    .string()
    .regex(
      /^FEED_[A-Z0-9_]{1,100}$/,
      `is not the name of an app setting for feeds: ${FEED_SETTING_PREFIX} and capitals`,
    )
    .optional()
    .describe("App setting with the key, token or password"),
  user: z.string().min(1).max(200).optional().describe("User name, where the server asks for one with the password"),
  internal: z
    .boolean()
    .default(false)
    .describe("It stands in a network of one's own: inside addresses and plain HTTP are allowed, for it alone"),
  sendsAllWithNext: z
    .boolean()
    .default(true)
    .describe("false for TAXII servers that refuse next with other parameters beside it"),
});
export type FeedSource = z.infer<typeof FeedSource>;
