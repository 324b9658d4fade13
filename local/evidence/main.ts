import { connectLocker } from "../../shared/evidence/locker.ts";
import { connectStorage } from "../../shared/storage/connect-storage.ts";
import { ownStorage } from "../../shared/storage/storage-settings.ts";
import { exitWith } from "../child.ts";
import { findApp } from "../running-app.ts";
import { evidenceCommand } from "./evidence-command.ts";

const connect = async (folder: string) =>
  connectLocker(connectStorage(ownStorage((await findApp(folder)).settings)).containerOf);

try {
  process.exitCode = (await evidenceCommand(process.argv.slice(2), connect, console)) ? 0 : 1;
} catch (error) {
  exitWith(error);
}
