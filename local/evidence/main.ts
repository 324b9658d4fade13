import { connectLocker } from "../../shared/evidence/locker.ts";
import { containersOf } from "../../shared/storage/connect-storage.ts";
import { evidenceStorage } from "../../shared/storage/storage-settings.ts";
import { exitWith } from "../child.ts";
import { findApp } from "../running-app.ts";
import { evidenceCommand } from "./evidence-command.ts";

const connect = async (folder: string) =>
  connectLocker(containersOf(evidenceStorage((await findApp(folder)).settings)));

try {
  process.exitCode = (await evidenceCommand(process.argv.slice(2), connect, console)) ? 0 : 1;
} catch (error) {
  exitWith(error);
}
