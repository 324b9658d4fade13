import { createAlerts } from "./alerts/client.ts";
import { createMachineActions } from "./machine-actions/client.ts";
import { createMachines } from "./machines/client.ts";
import { createSend, type DefenderOptions } from "./send.ts";

export type DefenderClient = ReturnType<typeof createDefenderClient>;

/**
 * Everything of Defender's interfaces, by resource.
 *
 * Ids are checked before they get here; every value is encoded on its way into an address or a filter.
 *
 * @throws SignInError, DefenderRefusedError, DefenderThrottledError or DefenderUnavailableError, from every method
 */
export function createDefenderClient(options: DefenderOptions) {
  const send = createSend(options);
  return {
    alerts: createAlerts(send),
    machineActions: createMachineActions(send),
    machines: createMachines(send),
  };
}
