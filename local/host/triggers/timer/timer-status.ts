import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** When a timer last ran and when it is to run next, as the Functions host keeps it, under the same names. */
const TimerStatus = z.object({
  Last: z.iso.datetime(),
  Next: z.iso.datetime(),
  LastUpdated: z.iso.datetime(),
});

export type TimerStatus = z.infer<typeof TimerStatus>;

/** Keeps one small file per timer, so that an occurrence missed while the host was down is noticed. */
export class TimerStatusFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A status that cannot be read counts as none: the timer then starts afresh. */
  read(functionName: string): TimerStatus | undefined {
    try {
      return TimerStatus.parse(JSON.parse(readFileSync(this.#fileOf(functionName), "utf8")));
    } catch {
      return undefined;
    }
  }

  /** Through a second file, so that a crash never leaves half a status. */
  write(functionName: string, status: TimerStatus): void {
    const file = this.#fileOf(functionName);
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(status)}\n`);
    renameSync(`${file}.new`, file);
  }

  #fileOf(functionName: string): string {
    return join(this.#folder, `${encodeURIComponent(functionName)}.json`);
  }
}
