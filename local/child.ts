/**
 * How the local programs (host, Defender simulator, Event Hubs stand-in) live under the process that starts them.
 *
 * A program started with an IPC channel tells its parent its addresses once it listens, and stops when the parent is
 * gone, so that nothing outlives a closed terminal or a killed test. Started by hand, it prints the same addresses.
 */
export function announceReady(addresses: Record<string, string | number>): void {
  if (process.send) process.send({ ready: addresses });
  else for (const [name, address] of Object.entries(addresses)) console.log(`${name}: ${address}`);
}

/**
 * Calls `stop` once, on SIGTERM, SIGINT or the loss of the parent, then ends the process with exit code 0,
 * or 1 if stopping failed.
 */
export function stopGracefully(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => exitWith(error),
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  process.on("disconnect", end);
}

/** Ends the process with one sentence for the person who started it; the stack only when DEBUG is set. */
export function exitWith(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  console.error(process.env.DEBUG && error instanceof Error ? error.stack : message);
  process.exit(1);
}
