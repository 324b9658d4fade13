import type { ContainerClient } from "@azure/storage-blob";

/** Does a blob operation, making the container first where it is missing. In Azure `infra/` has made it already. */
export async function withContainer<T>(container: ContainerClient, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if ((error as { code?: string }).code !== "ContainerNotFound") throw error;
    await container.createIfNotExists();
    return operation();
  }
}
