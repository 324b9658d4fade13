import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync } from "node:fs";
import { join } from "node:path";

const PROJECT = join(import.meta.dirname, "compiler.csproj");
const RESTORED = join(import.meta.dirname, "../../.local/bicep/packages/azure.bicep.commandline.*/*/tools/bicep");

/**
 * The Bicep compiler: one on the path, else one that was restored as a package, else one that dotnet restores now.
 *
 * @returns the program to run; nothing where there is neither Bicep nor dotnet
 * @throws Error with what dotnet said, when there is dotnet and the package cannot be had
 */
export function findCompiler(): string | undefined {
  if (runs("bicep")) return "bicep";
  if (!restored() && runs("dotnet")) restore();
  return restored();
}

const runs = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

function restored(): string | undefined {
  const [program] = globSync(RESTORED);
  if (program && existsSync(program)) chmodSync(program, 0o755);
  return program;
}

function restore(): void {
  const { status, stdout, stderr } = spawnSync("dotnet", ["restore", PROJECT], { encoding: "utf8" });
  if (status !== 0) throw new Error(`dotnet could not restore the Bicep compiler:\n${stdout}${stderr}`);
}
