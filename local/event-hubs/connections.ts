/**
 * The connections of all clients, and how to part with them.
 */
import type { Socket } from "node:net";
import type { Connection, link as Link } from "rhea";
import { isRequestAddress } from "./request-link.ts";

/** A client that has not answered by then is cut off. */
const partingMs = 500;

export class Connections {
  readonly #open = new Set<Connection>();
  readonly #sockets = new Set<Socket>();

  /** Every socket, also one whose client never speaks AMQP. */
  addSocket(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** @param lost called when the connection is gone, however it ended */
  add(connection: Connection, lost: () => void): void {
    this.#open.add(connection);
    (connection.socket as Socket).once("close", () => {
      this.#open.delete(connection);
      lost();
    });
  }

  /**
   * Tells the clients to go, waits for them, and cuts off those who stay.
   *
   * A receiver that only loses its connection does not notice before its wait for events is over, 60 seconds unless
   * told otherwise; one whose link is detached connects again at once. Event Hubs does the same when it restarts.
   */
  async close(): Promise<void> {
    for (const connection of this.#open) {
      connection.each_link((link: Link) => link.close(reason("amqp:link:detach-forced")), carriesEvents);
      connection.close(reason("amqp:connection:forced"));
    }
    const gone = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    const impatience = setTimeout(() => this.#cutOff(), this.#open.size > 0 ? partingMs : 0);
    await Promise.all(gone);
    clearTimeout(impatience);
  }

  #cutOff(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Requests fail with their connection anyway. */
function carriesEvents(link: Link): boolean {
  return !isRequestAddress((link.is_receiver() ? link.target : link.source)?.address ?? "");
}

function reason(condition: string) {
  return { condition, description: "The Event Hubs stand-in is stopping." };
}
