// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pythonWithTorch } from './prepare.mjs';

/**
 * `npm run bench -- torch-import`: image files and state dicts that PyTorch wrote, brought in as a person
 * would bring them, and what the studio makes of them beside PyTorch, torchvision and Captum.
 */
const { values: options } = parseArgs({
  options: {
    /** One network; default both. */
    network: { type: 'string' },
    /** One case, such as 224 or 64; default all. */
    case: { type: 'string' },
    /** Validation images that are explained; default each case's own. */
    images: { type: 'string' },
    seed: { type: 'string', default: '0' },
    /** A Python with the packages of requirements-import.txt; default an environment made once. */
    python: { type: 'string' },
    /** Where its data goes; default a folder that is deleted at the end. */
    folder: { type: 'string' },
  },
});

/** What the figures are held to, and what float32 leaves of a map. */
const most = { softmax: 5e-4, map: 2e-3 };
const presetOfTorchvision = ['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'];

/**
 * @typedef {{id: string, title: string, size: number, resize: number, side: number, images: number,
 *   set: string[], steps: number, points: number, doubles: number}} Case size: as the dataset is imported;
 *   resize, side: torchvision's Resize and CenterCrop; points: how many go through PyTorch's network at
 *   once; doubles: images whose maps PyTorch makes in float64, too
 */
/** @type {Case[]} */
const cases = [
  {
    ...{ id: '224', title: '224 x 224, n 2, 4 steps', size: 224, resize: 224, side: 224 },
    ...{ images: 8, set: ['n=2', 'steps=4'], steps: 4, points: 8, doubles: 8 },
  },
  {
    ...{ id: 'crop', title: '256, centre 224, n 2, 4 steps', size: 256, resize: 256, side: 224 },
    ...{ images: 8, set: ['n=2', 'steps=4'], steps: 4, points: 8, doubles: 8 },
  },
  {
    ...{ id: '64', title: '64 x 64, n 15, 50 steps', size: 64, resize: 64, side: 64 },
    ...{ images: 4, set: [], steps: 50, points: 50, doubles: 2 },
  },
];
const networks = ['resnet50', 'vgg16'];

const bench = dirname(fileURLToPath(import.meta.url));
const root = dirname(bench);
const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'saliency-import-'));
const data = join(folder, 'data');
const python = options.python ?? pythonWithTorch(bench, 'import');
const threads = String(availableParallelism());

/**
 * The studio's command line.
 * @param {...string} args
 */
function cli(...args) {
  const command = [join(root, 'out', 'main', 'cli.js'), ...args, '--data', data, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`${args.join(' ')} failed (${status}): ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/**
 * Its last line as JSON.
 * @param {...string} args
 */
async function torch(...args) {
  const child = spawn(python, [join(bench, 'torch_import.py'), ...args, '--folder', folder], {
    env: { ...process.env, BENCH_THREADS: threads, OMP_NUM_THREADS: threads },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 'null';
  createInterface({ input: child.stdout }).on('line', (line) => (last = line));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`torch_import.py ${args.join(' ')} failed (${status})`);
  return JSON.parse(last);
}

/** @param {number[]} list */
function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 ? high : (low + high) / 2;
}

/** Numbers that disagree are a failure.
 * @param {boolean} good */
function verdict(good) {
  if (!good) process.exitCode = 1;
  return good ? 'within' : 'OUTSIDE';
}

/** Whether the model sees the centre of larger images: the command line offers it. */
const crops = spawnSync(
  process.execPath,
  [join(root, 'out', 'main', 'cli.js'), 'models', 'import', '--help'],
  { encoding: 'utf8' },
).stdout.includes('--crop');

/**
 * @param {string} network
 * @param {Case} one
 */
async function measure(network, one) {
  const { title, size, resize, side, images, set, steps, points, doubles } = one;
  const count = options.images === undefined ? images : Number(options.images);
  const dataset = cli(
    ...['datasets', 'import', 'images', join(folder, 'images'), '--name', `Made, ${size}`],
    ...['--size', String(size), '--fit', 'crop'],
  ).id;
  await torch('network', '--network', network, '--seed', options.seed, '--side', String(side));
  const { model } = cli(
    ...['models', 'import', join(folder, `${network}.pth`), '--dataset', dataset],
    ...['--network', network, '--name', `${network}, ${side}`, ...presetOfTorchvision],
    ...(size === side ? [] : ['--crop', String(side)]),
  );
  const out = join(folder, `maps-${network}-${size}`);
  const began = performance.now();
  cli(
    ...['maps', '--dataset', dataset, '--model', model.id, '--images', `0-${count - 1}`],
    ...[...set.flatMap((each) => ['--set', each]), '--out', out],
  );
  const ours = (performance.now() - began) / 1000;
  const found = await torch(
    ...['compare', '--network', network, '--out', out, '--side', String(side)],
    ...['--resize', String(resize), '--steps', String(steps), '--points', String(points)],
    ...['--doubles', String(doubles)],
  );
  const theirs = (performance.now() - began) / 1000 - ours;
  rmSync(out, { recursive: true });
  console.log(`\n${network}, ${title}, ${found.images} images`);
  const row = (
    /** @type {string} */ name,
    /** @type {string} */ text,
    /** @type {boolean} */ good,
  ) => console.log(`  ${name.padEnd(32)} ${text.padEnd(44)} ${verdict(good)}`);
  row(
    'pixels',
    `${found.differentPixels} of ${found.pixels} differ`,
    found.differentPixels === 0 && found.labels,
  );
  row(
    'softmax, from the files on',
    `${found.softmax.toExponential(1)} at most (median top ${found.confidence.toFixed(2)})`,
    found.softmax <= most.softmax && found.top,
  );
  for (const [method, errors] of Object.entries(found.maps)) {
    const worst = Math.max(...errors).toExponential(1);
    const middle = median(errors);
    row(method, `median ${middle.toExponential(1)}, worst ${worst}`, middle <= most.map);
    const exact = found.double[method];
    if (!exact) continue;
    const [mine, other] = [median(exact.ours), median(exact.theirs)].map((one) =>
      one.toExponential(1),
    );
    console.log(`${''.padEnd(35)}of float64: ${mine} here, ${other} in PyTorch's float32`);
  }
  console.log(`  ${ours.toFixed(0)} s here with all commands, ${theirs.toFixed(0)} s in PyTorch`);
}

try {
  const versions = await torch('images', '--seed', options.seed);
  console.log(`PyTorch ${versions.torch}, torchvision ${versions.torchvision}, ${threads} threads`);
  for (const network of networks) {
    if (options.network !== undefined && options.network !== network) continue;
    for (const one of cases) {
      if (options.case !== undefined && options.case !== one.id) continue;
      if (one.size !== one.side && !crops) continue;
      await measure(network, one);
    }
  }
} finally {
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
