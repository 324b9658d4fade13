import { statSync } from "node:fs";

/** How often a file is looked at, at most, however often it is asked for. */
const LOOK_EVERY_MS = 3000;

export interface LiveFileOptions {
  /** The file whose change counts. */
  path: string;
  /** @default the clock */
  now?: () => number;
  /** Told of a change that cannot be used: once, and again when there is another problem or the same comes back. */
  onProblem: (problem: Error) => void;
}

/**
 * A file people change while the app runs. Each call gives what it says now, at most some seconds late. While what it says
 * cannot be read, the last good version stays in force, as a whole.
 *
 * Nothing runs in the background: the file is looked at when it is asked for.
 *
 * @param read reads and checks the whole file
 * @throws whatever `read` throws the first time, as there is no good version yet
 */
export function liveFile<T>(read: () => T, { path, now = Date.now, onProblem }: LiveFileOptions): () => T {
  // The mark is taken before reading, so that a change while it is read is seen the next time.
  let mark = markOf(path);
  let lookedAt = now();
  let good = read();
  let problem: string | undefined;

  return () => {
    if (Math.abs(now() - lookedAt) < LOOK_EVERY_MS) return good;
    lookedAt = now();
    const seen = markOf(path);
    // What could not be read is tried again even unchanged: a disk may come back.
    if (seen === mark && problem === undefined) return good;
    mark = seen;
    try {
      good = read();
      problem = undefined;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (failure.message !== problem) onProblem(failure);
      problem = failure.message;
    }
    return good;
  };
}

/** Differs when the file was written or replaced. */
function markOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.mtimeNs}:${stat.size}:${stat.ino}` : "absent";
}
