import type { TypedData } from "../worker/types.ts";

export interface ClientAddresses {
  /** The host's own address, e.g. `http://127.0.0.1:7071`. */
  hostUrl: string;
  taskHub: string;
  /** Opens the public addresses. */
  systemKey: string;
}

/** Where the client of the library talks to, without a key, from this machine. */
export const RPC_PATH = "/durabletask/";
/** The addresses that may be given to others, with a key. */
export const WEBHOOK_PATH = "/runtime/webhooks/durabletask/";

/** What an input of type `durableClient` holds. It carries the key of the public addresses: never log it. */
export function clientBinding({ hostUrl, taskHub, systemKey }: ClientAddresses): TypedData {
  const base = `${hostUrl}${WEBHOOK_PATH.slice(0, -1)}`;
  const code = `code=${encodeURIComponent(systemKey)}`;
  const query = managementQuery(taskHub, systemKey);
  const instance = `${base}/instances/INSTANCEID`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  return {
    json: JSON.stringify({
      taskHubName: taskHub,
      baseUrl: base,
      rpcBaseUrl: `${hostUrl}${RPC_PATH}`,
      requiredQueryStringParameters: code,
      creationUrls: {
        createNewInstancePostUri: `${create}?${code}`,
        createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
      },
      managementUrls: { id: "INSTANCEID", ...managementUrls(instance, query) },
    }),
  };
}

/** What every address of an orchestration carries, the key among it. */
export const managementQuery = (taskHub: string, systemKey: string): string =>
  `taskHub=${encodeURIComponent(taskHub)}&connection=Storage&code=${encodeURIComponent(systemKey)}`;

/** The addresses under which one orchestration is managed. */
export const managementUrls = (instance: string, query: string) => ({
  statusQueryGetUri: `${instance}?${query}`,
  sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
  terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
  rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
  purgeHistoryDeleteUri: `${instance}?${query}`,
  restartPostUri: `${instance}/restart?${query}`,
  suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
  resumePostUri: `${instance}/resume?reason={text}&${query}`,
});
