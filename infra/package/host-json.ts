/** Where runs are kept. */
export const DURABLE_BACKENDS = ["scheduler", "storage"] as const;
export type DurableBackend = (typeof DURABLE_BACKENDS)[number];

interface HostJson {
  extensions: { durableTask: Record<string, unknown> };
}

/**
 * The `host.json` that is deployed. The one in the project is for storage, which is what there is on one machine.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-storage-providers
 */
export function deployedHostJson<Host extends HostJson>(host: Host, backend: DurableBackend): Host {
  if (backend === "storage") return host;
  const storageProvider = { type: "azureManaged", connectionStringName: "DURABLE_TASK_SCHEDULER_CONNECTION_STRING" };
  const durableTask = { ...host.extensions.durableTask, storageProvider };
  return { ...host, extensions: { ...host.extensions, durableTask } };
}
