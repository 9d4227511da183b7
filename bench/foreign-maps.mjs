// @ts-check
/**
 * npm run bench -- foreign-maps [--gigabytes 6] [--type f4|f8] [--fortran] [--kill SECONDS] [--folder DIR]
 *
 * Writes maps of all 60,000 training images of MNIST, with as many channels as it takes for so many gigabytes
 * of float32, imports them by the command line into a data directory of their own, and prints the rate and the
 * most memory that all its processes had together. `--fortran` writes the first axis fastest; `--kill` ends the
 * import after so many seconds as a crash does, and runs the same command again. `--folder` keeps the maps, and
 * takes those that an earlier run kept there.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { watchMemory } from './memory.mjs';

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '6' },
    type: { type: 'string', default: 'f4' },
    fortran: { type: 'boolean', default: false },
    kill: { type: 'string' },
    folder: { type: 'string' },
  },
});
const [train, side] = [60_000, 28];
const channels = Math.round((Number(values.gigabytes) * 1e9) / (train * side * side * 4));
if (!(channels >= 1 && channels <= 64) || !['f4', 'f8'].includes(values.type)) {
  console.error('--gigabytes is from 0.2 to 12, and --type is f4 or f8');
  process.exit(2);
}

/**
 * An array of NumPy whose values repeat after a prime number of them, so that no map is constant.
 * @param {string} path
 * @param {number[]} shape
 * @param {boolean} fortran
 */
function writeMaps(path, shape, fortran) {
  if (existsSync(path)) return;
  const order = fortran ? 'True' : 'False';
  const text = `{'descr': '<${values.type}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const head = Buffer.alloc(length, ' ');
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 0xff, (length - 10) >> 8]);
  head.write(text, 10);
  head.write('\n', length - 1);
  const wide = values.type === 'f8';
  const period = 4_194_301;
  const made = Array.from({ length: period }, (_, i) => Math.sin(i * i));
  const tile = Buffer.from((wide ? Float64Array.from(made) : Float32Array.from(made)).buffer);
  let left = shape.reduce((product, size) => product * size, wide ? 8 : 4);
  const file = openSync(path, 'w');
  writeSync(file, head);
  for (; left > 0; left -= tile.length) writeSync(file, tile, 0, Math.min(left, tile.length));
  closeSync(file);
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = mkdtempSync(join(tmpdir(), 'foreign-maps-'));

/**
 * One import.
 * @param {string[]} argv
 * @param {number | null} killAfter
 */
async function run(argv, killAfter) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const memory = watchMemory(child.pid ?? 0);
  const killing =
    killAfter === null ? undefined : setTimeout(() => child.kill('SIGKILL'), 1000 * killAfter);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(killing);
  return { code, seconds: (performance.now() - startedAt) / 1000, held: memory.end() };
}

try {
  const folder = values.folder ?? join(home, 'maps');
  mkdirSync(folder, { recursive: true });
  const few = join(folder, 'validation.npy');
  const many = join(
    folder,
    `train-${channels}-${values.type}${values.fortran ? '-fortran' : ''}.npy`,
  );
  writeMaps(few, [10, side, side, channels], false);
  writeMaps(many, [train, side, side, channels], values.fortran);
  const gigabytes = (train * side * side * channels * 4) / 1e9;
  console.log(`${train} maps of ${side} x ${side} x ${channels} are there. Importing them.`);
  const cli = join(root, 'out', 'main', 'cli.js');
  const of = ['--name', 'Many', '--dataset', 'mnist', '--images', '0-9', '--train', many];
  const argv = [cli, 'methods', 'import', few, ...of, '--data', join(home, 'data')];
  if (values.kill !== undefined) {
    const killed = await run(argv, Number(values.kill));
    console.log(`Killed after ${killed.seconds.toFixed(1)} s. ${killed.held}`);
  }
  const { code, seconds, held } = await run(argv, null);
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  console.log(
    `${gigabytes.toFixed(2)} GB of float32 in ${seconds.toFixed(1)} s, ${((1000 * gigabytes) / seconds).toFixed(0)} MB a second, start and end included.`,
  );
  console.log(held);
} finally {
  rmSync(home, { recursive: true, force: true });
}
