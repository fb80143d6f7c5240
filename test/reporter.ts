import type { Reporter, TestModule } from "vitest/node";

/**
 * Ends the run with the one line that CI reads, after naming each test that was left out. A test that was only filtered
 * out on the command line (-t) counts as left out too, so such a run cannot pass for a whole one.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      count.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state]++;
        if (state === "skipped" || state === "pending") skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
      }
    }
    if (!count.passed && !count.failed) process.exitCode = 1;
    if (count.failed) process.exitCode = 1;
    // At the exit, so that it comes after the default reporter's own summary.
    process.once("exit", () => {
      for (const name of skipped) console.log(`skipped: ${name}`);
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`);
    });
  }
}
