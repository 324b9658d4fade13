import type { Socket } from "node:net";

/**
 * Sends what is written to a socket within one turn of the event loop as one packet. rhea writes every frame by
 * itself, and a thousand small packets cost a thousand system calls.
 */
export function writeTogether(socket: Socket): void {
  const write = socket.write;
  socket.write = function (this: Socket, ...frame: Parameters<Socket["write"]>) {
    if (this.writableCorked === 0) {
      this.cork();
      process.nextTick(() => this.uncork());
    }
    return write.apply(this, frame);
  } as Socket["write"];
}
