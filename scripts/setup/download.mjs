// @ts-check
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, diskFull } from './errors.mjs';
import { bytesBelow, sha256OfFile, sizeOf } from './files.mjs';
import { megabytes } from './print.mjs';
import { lastLines, runTool } from './process.mjs';

/**
 * What a wheel is fetched for.
 * @typedef {{title: string, command: string}} Purpose
 *   title: begins the lines of progress; command: what a person runs again
 */

/**
 * @param {import('./wheels.mjs').Wheel} wheel
 * @param {string} directory
 * @returns {string[]} what pip is asked: this one file, whatever Python runs pip
 */
export function pipArguments(wheel, directory) {
  const { platform, python, implementation, abi } = wheel.pip;
  return [
    ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:'],
    ...['--platform', platform, '--python-version', python],
    ...['--implementation', implementation, '--abi', abi],
    ...['--dest', directory, `${wheel.name}==${wheel.version}`],
  ];
}

/**
 * @param {string} output of pip
 * @param {import('./wheels.mjs').Wheel} wheel
 * @param {string} directory
 * @param {Purpose} purpose
 * @returns {SetupError}
 */
export function explainPip(output, wheel, directory, { command }) {
  const what = `${wheel.name} ${wheel.version} (${megabytes(wheel.bytes)})`;
  const byHand = `python3 ${pipArguments(wheel, 'DIR').join(' ')}`;
  const elsewhere = `Or fetch it on another machine with\n      ${byHand}\n    and run here: PIP_NO_INDEX=1 PIP_FIND_LINKS=DIR ${command}`;
  if (/no space left|errno 28|disk quota/i.test(output)) return diskFull(directory);
  if (/certificate verify failed|SSLError/i.test(output)) {
    return new SetupError(
      'no-network',
      `pip could not fetch ${what}: the connection's certificate is not trusted.\n${lastLines(output, 3)}`,
      `Tell pip which certificates to trust (PIP_CERT=FILE) and run the command again.\n    ${elsewhere}`,
    );
  }
  if (
    /NewConnectionError|NameResolutionError|Max retries exceeded|Name or service not known|Temporary failure in name|Network is unreachable|Connection refused|ConnectTimeout|ReadTimeout|Read timed out|ProxyError|Connection aborted|ProtocolError|IncompleteRead/i.test(
      output,
    )
  ) {
    return new SetupError(
      'no-network',
      `pip cannot reach its package index, from which ${what} comes.`,
      `Connect to the network (behind a proxy: export https_proxy=URL) and run the command again.\n    ${elsewhere}`,
    );
  }
  if (/No matching distribution|Could not find a version/i.test(output)) {
    return new SetupError(
      'not-found',
      `pip's package index does not offer ${what} as ${wheel.file}.\n${lastLines(output, 3)}`,
      `Point pip at an index that has it (PIP_INDEX_URL=URL) and run the command again.\n    ${elsewhere}`,
    );
  }
  return new SetupError(
    'download-failed',
    `pip could not fetch ${what}:\n${lastLines(output, 8)}`,
    `Mend what pip names and run the command again.\n    ${elsewhere}`,
  );
}

/**
 * @param {string} file
 * @param {import('./wheels.mjs').Wheel} wheel
 * @throws {SetupError} wrong-hash; the file is removed, so the next run fetches it again
 */
export async function verifyWheel(file, wheel) {
  const actual = await sha256OfFile(file);
  if (actual === wheel.sha256) return;
  rmSync(file, { force: true });
  throw new SetupError(
    'wrong-hash',
    `${wheel.file} is not the file that is pinned: its sha256 is ${actual}, expected ${wheel.sha256}. It was removed and nothing of it is used.`,
    'Run the command again to fetch it anew. If it happens again, the index or a proxy serves another file: set PIP_INDEX_URL to an index you trust.',
  );
}

/**
 * Fetches one pinned wheel with pip and checks its hash.
 * @param {import('./context.mjs').Context} context
 * @param {import('./wheels.mjs').Wheel} wheel
 * @param {string} python
 * @param {string} directory for this download alone
 * @param {Purpose} purpose
 * @returns {Promise<string>} the wheel's path
 */
export async function downloadWheel({ env, print }, wheel, python, directory, purpose) {
  const { title } = purpose;
  const file = join(directory, wheel.file);
  const temporary = join(directory, 'tmp');
  if (sizeOf(file) === wheel.bytes) {
    await verifyWheel(file, wheel);
    return file;
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  print.step(title, `fetching ${wheel.name} ${wheel.version} (${megabytes(wheel.bytes)}) with pip`);
  const started = Date.now();
  const { code, output } = await runTool(
    python,
    [
      ...pipArguments(wheel, directory),
      '--no-cache-dir',
      '--progress-bar',
      'off',
      '--retries',
      '2',
    ],
    {
      cwd: directory,
      // pip keeps what it fetches in TMPDIR: there the progress can be read, on the cache's disk.
      env: { ...env, TMPDIR: temporary, PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      every: () => {
        const bytes = Math.min(bytesBelow(directory), wheel.bytes);
        const rate = (bytes / (Date.now() - started)) * 1000;
        const share = Math.floor((100 * bytes) / wheel.bytes);
        print.progress(
          title,
          `${String(share).padStart(3)}%  ${megabytes(bytes)} of ${megabytes(wheel.bytes)}, ${megabytes(rate)}/s`,
        );
      },
    },
  );
  rmSync(temporary, { recursive: true, force: true });
  if (code !== 0) throw explainPip(output, wheel, directory, purpose);
  if (sizeOf(file) < 0) {
    throw new SetupError(
      'download-failed',
      `pip ended well but left no ${wheel.file}:\n${lastLines(output, 5)}`,
      'Point pip at an index that offers this file (PIP_INDEX_URL=URL) and run the command again.',
    );
  }
  print.step(title, 'checking its sha256');
  await verifyWheel(file, wheel);
  return file;
}
