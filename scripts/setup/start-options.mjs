// @ts-check
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError, takeSetupOptions } from './options.mjs';

/**
 * @typedef {{engine: 'bring' | 'without', variant: import('./wheels.mjs').Variant | null,
 *   browser: boolean, electron: boolean, open: boolean, help: boolean,
 *   port: string | null, data: string | null}} StartOptions
 */

/**
 * @param {readonly string[]} args
 * @returns {StartOptions}
 * @throws {UsageError} names the option, what was given and what is accepted
 */
export function readStartOptions(args) {
  const { engine, variant, rest } = takeSetupOptions(args);
  const { values } = parse(rest);
  const port = values.port ?? null;
  if (port !== null && !(/^\d+$/.test(port) && Number(port) <= 65_535)) {
    throw new UsageError(
      `--port ${port}: accepted is a whole number from 0 (a free port) to 65535.`,
    );
  }
  if (values.data?.trim() === '') throw new UsageError('--data: give a directory.');
  const browser = values.browser === true || port !== null || values['no-open'] === true;
  if (browser && values.electron === true) {
    throw new UsageError('--electron excludes --browser, --port and --no-open.');
  }
  return {
    engine,
    variant,
    browser,
    electron: values.electron === true,
    open: values['no-open'] !== true,
    help: values.help === true,
    port,
    data: values.data === undefined ? null : resolve(values.data),
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        browser: { type: 'boolean' },
        electron: { type: 'boolean' },
        'no-open': { type: 'boolean' },
        port: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
