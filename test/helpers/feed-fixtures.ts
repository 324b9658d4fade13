import { existsSync, readFileSync } from "node:fs";

/** Third-party samples of feeds, which lie beside the project where there are any. */
const folder = new URL("../../../shared/fixtures/feeds/", import.meta.url);

export const hasFeedFixtures = existsSync(folder);

export const feedText = (name: string): string => readFileSync(new URL(name, folder), "utf8");

// biome-ignore lint/suspicious/noExplicitAny: samples are of any shape
export const feedJson = (name: string): any => JSON.parse(feedText(name));
