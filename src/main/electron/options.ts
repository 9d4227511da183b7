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
    // Named without a value it is as bad as an empty one, which is refused with the reason.
    data: typeof values.data === 'string' ? values.data : values.data === true ? '' : null,
    engine: values['no-engine'] !== true,
  };
}
