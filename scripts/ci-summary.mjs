// @ts-check
/** The last line of .ci/run, and its exit code. */
import { createContext } from './setup/context.mjs';
import { addCounts, readResults, summaryLine } from './setup/results.mjs';

const { state } = createContext();
const check = readResults(state, 'check') ?? { passed: 0, failed: 1, skipped: 0 };
const test = readResults(state, 'test') ?? { passed: 0, failed: 1, skipped: 0 };
// Tests are what is counted; a check only adds where it failed.
const total = addCounts([test, { passed: 0, failed: check.failed, skipped: 0 }]);
console.log(`\n${summaryLine(total)}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
