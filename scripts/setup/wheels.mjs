// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './errors.mjs';
import { sha256 } from './files.mjs';
import { which } from './process.mjs';

/**
 * Which TensorFlow to take. The wheels are pinned, with their hashes, in
 * resources/tensorflow/wheels.json.
 * @typedef {'cpu' | 'cuda'} Variant
 * @typedef {{platform: string, implementation: string, python: string, abi: string}} PipTags
 * @typedef {{name: string, version: string, file: string, pip: PipTags, bytes: number,
 *   sha256: string, members: string, unpackedBytes: number}} Wheel
 * @typedef {{key: string, variant: Variant, tensorflow: string, wheels: Wheel[],
 *   links: Record<string, string>, members: Record<string, string[]>, id: string}} WheelSet
 *   members: patterns of the files to unpack; links: names in deps/lib; id: changes with the content
 */

const NOT_SUPPORTED = {
  'win32-x64': 'On Windows the TensorFlow wheel holds no C library',
  'linux-arm64': 'The engine is not built for Linux on ARM',
  'darwin-x64': 'There is no TensorFlow 2.21 for Macs with an Intel processor',
};

/** @param {string} root */
export function wheelsFile(root) {
  return join(root, 'resources', 'tensorflow', 'wheels.json');
}

/**
 * @param {{env: NodeJS.ProcessEnv, platform: NodeJS.Platform}} where
 * @param {(path: string) => boolean} [exists]
 * @returns {boolean} whether an NVIDIA driver is installed
 */
export function hasNvidiaDriver({ env, platform }, exists = existsSync) {
  if (platform !== 'linux') return false;
  return exists('/proc/driver/nvidia/version') || which('nvidia-smi', env) !== null;
}

/**
 * @param {{requested: Variant | null, remembered: Variant | null, driver: boolean}} wishes
 * @returns {Variant} an option given now, else the one given before, else CUDA where a driver is
 */
export function chooseVariant({ requested, remembered, driver }) {
  return requested ?? remembered ?? (driver ? 'cuda' : 'cpu');
}

/**
 * @param {string} root
 * @param {{platform: string, arch: string, variant: Variant}} choice
 * @returns {WheelSet}
 */
export function wheelSet(root, { platform, arch, variant }) {
  const pins = JSON.parse(readFileSync(wheelsFile(root), 'utf8'));
  const key = `${platform}-${arch}-${variant}`;
  const found = pins.variants[key];
  if (!found) throw unsupported({ platform, arch, variant });
  const id = `${key}-${pins.tensorflow}-${sha256(JSON.stringify([found, pins.members])).slice(0, 12)}`;
  return { key, variant, tensorflow: pins.tensorflow, members: pins.members, ...found, id };
}

/** @param {{platform: string, arch: string, variant: Variant}} choice */
function unsupported({ platform, arch, variant }) {
  if (variant === 'cuda' && platform === 'darwin' && arch === 'arm64') {
    return new SetupError(
      'unsupported-platform',
      'There is no CUDA on macOS.',
      'Run the command again with --cpu.',
    );
  }
  const why =
    NOT_SUPPORTED[/** @type {keyof typeof NOT_SUPPORTED} */ (`${platform}-${arch}`)] ??
    `The engine is not built for ${platform}-${arch}`;
  return new SetupError(
    'unsupported-platform',
    `${why}: the engine, which trains models and makes maps, is not available here. Everything else works.`,
    'Use Linux on x64 (or macOS on Apple silicon) for training, maps and ROAR.',
  );
}

/** The oldest C library that the Linux wheels accept, by their platform tag. */
const OLDEST_GLIBC = [2, 27];

/**
 * @param {NodeJS.Platform} platform
 * @param {string | undefined} glibc
 */
export function checkSystemLibrary(platform, glibc) {
  if (platform !== 'linux') return;
  const [major = 0, minor = 0] = (glibc ?? '0').split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST_GLIBC;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return;
  throw new SetupError(
    'unsupported-platform',
    `TensorFlow needs glibc ${OLDEST_GLIBC.join('.')} or later; this system has ${glibc ? `glibc ${glibc}` : 'another C library (musl?)'}.`,
    'Use a system with a current glibc, such as Debian, Ubuntu or Fedora.',
  );
}

/** @returns {string | undefined} the version of the running C library, on Linux with glibc */
export function glibcVersion() {
  if (process.platform !== 'linux' || !process.report) return undefined;
  // Without this the report looks up names of the network, which may take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report = /** @type {{header?: {glibcVersionRuntime?: string}}} */ (
    process.report.getReport()
  );
  return report.header?.glibcVersionRuntime;
}
