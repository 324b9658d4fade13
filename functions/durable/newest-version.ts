let newest: ReadonlyMap<string, string> = new Map();

/** Says under which name each playbook is started from now on: for the whole process, as what is registered is. */
export function startAs(names: ReadonlyMap<string, string>): void {
  newest = names;
}

/** The name to start a playbook by: that of its newest version. */
export const newestVersion = (playbook: string): string => newest.get(playbook) ?? playbook;
