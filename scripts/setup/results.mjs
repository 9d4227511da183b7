// @ts-check
import { join } from 'node:path';
import { readJson, writeAtomically } from './files.mjs';

/**
 * What the runners found, counted from their own reports.
 * @typedef {{passed: number, failed: number, skipped: number}} Counts
 */

/** @param {Counts} counts */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {readonly Counts[]} all @returns {Counts} */
export function addCounts(all) {
  return all.reduce(
    (sum, counts) => ({
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
      skipped: sum.skipped + counts.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/**
 * A runner that ends badly without naming a failed test (a crash, an error outside of tests, a
 * report that is missing) counts as one failure.
 * @param {Counts} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
export function withExitCode(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * @param {any} report of vitest's json reporter; null where there is none
 * @param {number} exitCode
 * @returns {Counts} a file that could not be loaded counts as one failure
 */
export function countVitest(report, exitCode) {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  /** @type {{status: string, assertionResults: {status: string}[]}[]} */
  const files = report.testResults ?? [];
  const unloaded = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed'),
  ).length;
  return withExitCode(
    {
      passed: report.numPassedTests ?? 0,
      failed: (report.numFailedTests ?? 0) + unloaded,
      skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
    },
    exitCode,
  );
}

/**
 * @param {any} report of Playwright's json reporter; null where there is none
 * @param {number} exitCode
 * @returns {Counts} a test that passed only when tried again counts as failed
 */
export function countPlaywright(report, exitCode) {
  const stats = report?.stats;
  if (!stats) return { passed: 0, failed: 1, skipped: 0 };
  return withExitCode(
    {
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    },
    exitCode,
  );
}

/** @param {string} state @param {'check' | 'test'} name */
export function resultsFile(state, name) {
  return join(state, 'results', `${name}.json`);
}

/** @param {string} state @param {'check' | 'test'} name @param {Counts} counts */
export function writeResults(state, name, counts) {
  writeAtomically(resultsFile(state, name), `${JSON.stringify(counts)}\n`);
}

/** @param {string} state @param {'check' | 'test'} name @returns {Counts | null} */
export function readResults(state, name) {
  return readJson(resultsFile(state, name));
}
