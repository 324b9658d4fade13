import type { Playbook } from "../playbook.ts";

/** The name by which Durable knows one version of a playbook. A run keeps it from its start to its end. */
export const orchestrationName = ({ name, version }: Pick<Playbook, "name" | "version">): string =>
  `${name}-v${version}`;

const VERSIONED = /^(?<playbook>.+)-v(?<version>\d+)$/;

/** Whose run it is. Runs that began before versions had names of their own have no version. */
export function playbookOf(orchestration: string): { playbook: string; version?: number } {
  const { playbook = orchestration, version } = VERSIONED.exec(orchestration)?.groups ?? {};
  return { playbook, ...(version !== undefined && { version: Number(version) }) };
}

export interface PlaybookVersions {
  /** What runs go on with, by the name they were started under. */
  byOrchestration: ReadonlyMap<string, Playbook>;
  /** Under which name new runs of a playbook start. */
  newest: ReadonlyMap<string, string>;
}

/**
 * Puts the versions of playbooks side by side: new runs start under the newest, those in flight go on with theirs.
 *
 * Before versions had names, runs were started under the plain name of the playbook. What goes on with them is the
 * earliest version there is; nothing new starts under that name.
 *
 * @throws Error when a version is there twice, or a playbook is named like a version of another
 */
export function playbookVersions(playbooks: readonly Playbook[]): PlaybookVersions {
  const newestLast = [...playbooks].sort((one, other) => one.version - other.version);
  const byOrchestration = new Map<string, Playbook>();
  for (const playbook of newestLast) {
    const name = orchestrationName(playbook);
    if (VERSIONED.test(playbook.name)) throw new Error(`A playbook must not be named ${playbook.name}, like a version`);
    if (byOrchestration.has(name)) throw new Error(`${playbook.name} version ${playbook.version} is there twice`);
    if (!byOrchestration.has(playbook.name)) byOrchestration.set(playbook.name, playbook);
    byOrchestration.set(name, playbook);
  }
  return {
    byOrchestration,
    newest: new Map(newestLast.map((playbook) => [playbook.name, orchestrationName(playbook)])),
  };
}
