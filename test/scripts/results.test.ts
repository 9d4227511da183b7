import { describe, expect, it } from 'vitest';
import {
  addCounts,
  countPlaywright,
  countVitest,
  summaryLine,
} from '../../scripts/setup/results.mjs';

describe('the count of tests', () => {
  it('ends in one line, which names skipped tests only where there are some', () => {
    expect(summaryLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(summaryLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
    const one = { passed: 1, failed: 2, skipped: 3 };
    expect(addCounts([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
  });

  const vitest = (files: { status: string; assertionResults: { status: string }[] }[]) => ({
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: files,
  });

  it('takes vitest’s own numbers', () => {
    expect(
      countVitest(vitest([{ status: 'failed', assertionResults: [{ status: 'failed' }] }]), 1),
    ).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('counts a file that could not be loaded, which holds no test, as a failure', () => {
    const files = [{ status: 'failed', assertionResults: [] }];
    expect(countVitest(vitest(files), 1).failed).toBe(2);
  });

  it('counts a runner that broke down as a failure', () => {
    expect(countVitest(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(countPlaywright(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    const good = { numPassedTests: 2, numFailedTests: 0, testResults: [] };
    expect(countVitest(good, 0).failed).toBe(0);
    expect(countVitest(good, 1).failed).toBe(1);
  });

  it('counts in Playwright’s report a test that passed only at the second try as failed', () => {
    const stats = { expected: 4, unexpected: 1, flaky: 1, skipped: 2 };
    expect(countPlaywright({ stats }, 1)).toEqual({ passed: 4, failed: 2, skipped: 2 });
  });
});
