// @ts-check
import { UsageError } from './options.mjs';

/**
 * @typedef {{runners: ('unit' | 'e2e')[], filters: string[]}} TestOptions
 * @param {readonly string[]} args
 * @returns {TestOptions} filters alone go to vitest
 * @throws {UsageError}
 */
export function readTestOptions(args) {
  const option = args.find((arg) => arg.startsWith('-'));
  if (option !== undefined) {
    throw new UsageError(
      `Unknown option ${option}. Accepted: unit or e2e, then parts of test files' paths.`,
    );
  }
  const [first, ...others] = args;
  if (first === undefined) return { runners: ['unit', 'e2e'], filters: [] };
  if (first === 'unit' || first === 'e2e') return { runners: [first], filters: others };
  return { runners: ['unit'], filters: [...args] };
}
