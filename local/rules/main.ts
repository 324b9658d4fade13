import { exitWith } from "../child.ts";
import { rulesCommand } from "./rules-command.ts";

try {
  process.exitCode = rulesCommand(process.argv.slice(2), console) ? 0 : 1;
} catch (error) {
  exitWith(error);
}
