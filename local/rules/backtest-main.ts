import { exitWith } from "../child.ts";
import { backtestCommand } from "./backtest-command.ts";

try {
  process.exitCode = (await backtestCommand(process.argv.slice(2), console)) ? 0 : 1;
} catch (error) {
  exitWith(error);
}
