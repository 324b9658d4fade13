/** A channel did not take a message. The message of the error names no address, token or password. */
export class DeliveryError extends Error {
  override name = "DeliveryError";
  /** Whether the same may succeed later: a channel that is down or busy, not one that refuses. */
  readonly mayPass: boolean;

  constructor(message: string, { mayPass }: { mayPass: boolean }) {
    super(message);
    this.mayPass = mayPass;
  }
}

export const refused = (message: string): DeliveryError => new DeliveryError(message, { mayPass: false });
export const unavailable = (message: string): DeliveryError => new DeliveryError(message, { mayPass: true });
