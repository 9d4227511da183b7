// @ts-check
/**
 * The options that every entry script shares. `rest` keeps everything else in its order.
 * @typedef {{engine: 'bring' | 'without', variant: import('./wheels.mjs').Variant | null,
 *   rest: string[]}} SetupOptions
 */

export const SETUP_OPTIONS_HELP = `  --gpu         TensorFlow for CUDA (the default where an NVIDIA driver is found); kept for later runs
  --cpu         TensorFlow without CUDA; kept for later runs
  --no-engine   do not try to set up the engine`;

/** A mistake on the command line: exit code 2. */
export class UsageError extends Error {}

/**
 * @param {readonly string[]} args
 * @returns {SetupOptions}
 * @throws {UsageError} where --gpu and --cpu are both given
 */
export function takeSetupOptions(args) {
  const end = args.indexOf('--');
  const ours = end < 0 ? args : args.slice(0, end);
  const gpu = ours.includes('--gpu');
  const cpu = ours.includes('--cpu');
  if (gpu && cpu) throw new UsageError('--gpu and --cpu exclude each other: give one of them.');
  const shared = ['--gpu', '--cpu', '--no-engine'];
  return {
    engine: ours.includes('--no-engine') ? 'without' : 'bring',
    variant: gpu ? 'cuda' : cpu ? 'cpu' : null,
    rest: [...ours.filter((arg) => !shared.includes(arg)), ...(end < 0 ? [] : args.slice(end))],
  };
}
