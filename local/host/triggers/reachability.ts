import { type Log, messageOf } from "../log.ts";

/** Tells the log once when something outside is lost and once when it is back, however often it is tried meanwhile. */
export class Reachability {
  readonly #what: string;
  readonly #log: Log;
  #lostAt: number | undefined;

  /** @param what in words for the log, such as `The event hub "alerts"` */
  constructor(what: string, log: Log) {
    this.#what = what;
    this.#log = log;
  }

  failed(error: unknown): void {
    if (this.#lostAt !== undefined) return;
    this.#lostAt = Date.now();
    this.#log.warn(`${this.#what} cannot be reached and is tried again until it can`, { reason: messageOf(error) });
  }

  succeeded(): void {
    if (this.#lostAt === undefined) return;
    this.#log.info(`${this.#what} is reached again`, { afterSeconds: Math.round((Date.now() - this.#lostAt) / 1000) });
    this.#lostAt = undefined;
  }
}
