import { parseArgs } from 'node:util';

export interface DesktopOptions {
  /** As given; null: the user's own data directory. */
  readonly data: string | null;
  readonly engine: boolean;
}

/** Reads --data and --no-engine and leaves Chromium's own switches alone. */
export function parseDesktopOptions(argv: readonly string[]): DesktopOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, 'no-engine': { type: 'boolean' } },
    strict: false,
  });
  return {
    data: typeof values.data === 'string' ? values.data : null,
    engine: values['no-engine'] !== true,
  };
}
