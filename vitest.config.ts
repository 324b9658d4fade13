import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Tests start servers and child processes; more at once than cores only makes them wait for each other.
    maxWorkers: 2,
    reporters: process.env.CI ? ["default", ["json", { outputFile: ".local/test-results.json" }]] : ["default"],
    coverage: { provider: "v8", include: ["functions/**", "shared/**", "local/**"] },
  },
});
