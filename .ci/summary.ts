import { readFileSync } from "node:fs";

interface TestResults {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

const results = JSON.parse(readFileSync(".local/test-results.json", "utf8")) as TestResults;
console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed, ${results.numPendingTests} skipped`);
