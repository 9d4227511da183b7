import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EngineProgress } from '../../../src/shared/engine';
import { alive, code, files, mnist, readNpy, realEngine, temporaryFolder } from './helpers';

const batch = { lane: 'batch' } as const;
const interactive = { lane: 'interactive' } as const;
const sha = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** The paper's own network in the form that MNIST asks for. */
const mnistCnn = {
  architecture: 'mnist-cnn' as const,
  form: {
    inputShape: [28, 28, 1] as [number, number, number],
    classes: 10,
    options: {},
  },
};

/** A quick epoch on 500 images. */
const epochOf = (outDir: string) => ({
  ...mnist,
  recipe: { architecture: 'mnist-cnn', trainLimit: 500, epochs: 1 },
  removal: {},
  removalSeed: 0,
  epoch: 0,
  checkpoint: null,
  outDir,
});

describe('engine process', () => {
  const engine = realEngine();
  const folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
  const model = join(folder, 'model.safetensors');
  const images = { ...mnist, model, split: 'validation' as const, indices: [3, 0, 9999] };

  beforeAll(async () => {
    await engine.request('train-epoch', epochOf(folder), batch);
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('describes what it runs on', async () => {
    const description = await engine.request('describe', {}, interactive);
    expect(description).toMatchObject({
      available: true,
      reason: null,
      threads: 2,
      plan: { 'mnist-cnn/gradient': 150 },
      arithmetic: {
        ...(description.device === 'cpu'
          ? { 'mnist-cnn': 2, 'mnist-cnn training': 2, resnet18: 3 }
          : {}),
        probability: 2,
        'noisy-linear': 3,
      },
    });
    expect(description.versions['tensorflow']).toMatch(/^2\./);
    // Their last digits differ: the device's name says it, and with it the keys of artifacts.
    const flags = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
    const wide = ['f', 'vl', 'dq', 'bw'].every((set) => flags.includes(` avx512${set} `));
    if (description.device === 'cpu' && process.platform === 'linux') {
      expect(description.deviceName?.endsWith(', AVX-512')).toBe(wide);
    }
  });

  it('reads and checks the dataset', async () => {
    const summary = await engine.request('dataset-summary', mnist, interactive);
    expect(summary).toMatchObject({ train: 60_000, validation: 10_000 });
    expect(summary.trainPerClass.slice(0, 3)).toEqual([5923, 6742, 5958]);
    expect(summary.files.map(({ published }) => published)).toEqual([true, true, true, true]);
    const outDir = temporaryFolder();
    const made = await engine.request('dataset-images', { ...images, outDir }, interactive);
    expect(made.files[0]).toEqual({
      name: 'images.npy',
      sha256: sha(join(outDir, 'images.npy')),
      bytes: 128 + 3 * 784,
    });
    expect(readNpy(outDir, made.files, 'images.npy').shape).toEqual([3, 28, 28, 1]);
    expect([...readNpy(outDir, made.files, 'labels.npy').data]).toEqual([0, 7, 6]);
    const input = { ...mnist, split: 'validation', outDir } as const;
    const all = await engine.request('dataset-labels', input, interactive);
    const labels = readNpy(outDir, all.files, 'labels.npy');
    expect([labels.shape, labels.data[3], labels.data[9999]]).toEqual([[10_000], 0, 6]);
  });

  it('refuses an image that is not there, and a folder without the dataset', async () => {
    const outDir = temporaryFolder();
    const outside = engine.request(
      'dataset-images',
      { ...images, indices: [10_000], outDir },
      batch,
    );
    await expect(outside).rejects.toMatchObject({
      data: { code: 'invalid-input', field: 'indices.0', value: '10000' },
    });
    const missing = engine.request('dataset-summary', { ...mnist, datasetDir: outDir }, batch);
    await expect(missing).rejects.toEqual(code('dataset-missing'));
  });

  it('trains epoch by epoch, the same whether it goes on or was interrupted', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    const reports: EngineProgress[] = [];
    const epoch = await engine.request('train-epoch', epochOf(first), {
      ...batch,
      report: (progress) => void reports.push(progress),
    });
    expect(sha(join(first, 'model.safetensors'))).toBe(sha(model));
    expect(epoch.files.map(({ name }) => name)).toEqual([
      'model.safetensors',
      'optimiser.safetensors',
    ]);
    expect(epoch.validationAccuracy).toBeGreaterThan(0.5);
    expect(reports[0]).toMatchObject({ done: 128, total: 10_500, unit: 'images' });
    expect(reports[0]?.loss).toBeGreaterThan(0);
    expect(reports.at(-1)).toMatchObject({ done: 10_500, total: 10_500 });
    const checkpoint = { model, optimiser: join(folder, 'optimiser.safetensors') };
    const next = { ...epochOf(second), epoch: 1, checkpoint };
    const resumed = await engine.request('train-epoch', next, batch);
    expect(resumed.loss).toBeLessThan(epoch.loss);
    const other = realEngine();
    onTestFinished(() => other.close());
    const third = temporaryFolder();
    await other.request('train-epoch', { ...next, outDir: third }, batch);
    expect(sha(join(third, 'model.safetensors'))).toBe(sha(join(second, 'model.safetensors')));
    await expect(
      engine.request('train-epoch', { ...next, checkpoint: null }, batch),
    ).rejects.toMatchObject({ data: { code: 'invalid-input', field: 'checkpoint' } });
  });

  it('scores, explains and gives the noise of images', async () => {
    const outDir = temporaryFolder();
    const predicted = await engine.request(
      'predict',
      { ...images, target: 'label', outDir },
      batch,
    );
    expect(readNpy(outDir, predicted.files, 'inputs.npy').shape).toEqual([3, 28, 28, 1]);
    expect([...readNpy(outDir, predicted.files, 'targets.npy').data]).toEqual([0, 7, 6]);
    expect(readNpy(outDir, predicted.files, 'logits.npy').shape).toEqual([3, 10]);
    const parameters = { n: 3, steps: 4 };
    const noise = await engine.request('noise', { ...images, parameters, seed: 1, outDir }, batch);
    expect(readNpy(outDir, noise.files, 'noise.npy').shape).toEqual([3, 3, 28, 28, 1]);
    const input = { ...images, composition: 'integrate(smooth(gradient))', parameters, seed: 1 };
    const maps = await engine.request('maps', { ...input, outDir }, batch);
    expect(maps.gradients).toBe(3 * 3 * 4);
    const map = readNpy(outDir, maps.files, 'map.npy');
    expect(map.shape).toEqual([3, 28, 28, 1]);
    expect(map.data.some((value) => value !== 0)).toBe(true);
    const random = { ...input, composition: 'random' };
    expect((await engine.request('maps', { ...random, outDir }, batch)).gradients).toBe(0);
  });

  it('gives the same bytes with interactive requests in between, which it answers at once', async () => {
    const [alone, disturbed, between] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const indices = Array.from({ length: 20 }, (_, i) => i);
    const long = { ...images, indices, composition: 'smooth(integrate(gradient))', seed: 2 };
    const input = { ...long, parameters: {} };
    await engine.request('maps', { ...input, outDir: alone }, batch);
    let ended = false;
    const running = engine
      .request('maps', { ...input, outDir: disturbed }, batch)
      .then(() => (ended = true));
    for (const composition of ['gradient', 'smooth(guided)', 'gradient']) {
      const quick = { ...images, composition, parameters: {}, seed: 2, outDir: between };
      const started = performance.now();
      await engine.request('maps', quick, interactive);
      expect(performance.now() - started).toBeLessThan(1000);
      expect(ended).toBe(false);
    }
    await running;
    expect(sha(join(disturbed, 'map.npy'))).toBe(sha(join(alone, 'map.npy')));
  });

  it('removes the top pixels and scores what is left', async () => {
    const outDir = temporaryFolder();
    const parameters = {};
    const paths: string[] = [];
    for (const composition of ['gradient', 'random']) {
      const own = join(outDir, composition);
      const input = { ...images, composition, parameters, seed: 5, outDir: own };
      await engine.request('maps', input, batch);
      paths.push(join(own, 'map.npy'));
    }
    const removal = { fill: 'image-mean', reduction: 'absolute', seed: 5 } as const;
    const scored = async (level: number) => {
      const methods = ['Vanilla gradient', 'Random'];
      const input = { ...images, ...removal, level, maps: paths, methods, outDir };
      const { files: made } = await engine.request('score', input, batch);
      return ['scores.npy', 'tied.npy'].map((name) => readNpy(outDir, made, name));
    };
    const [clean, untied] = await scored(0);
    expect(clean?.shape).toEqual([2, 3]);
    expect([...(untied?.data ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
    // With nothing removed every method has the score of the clean image.
    const predicted = await engine.request(
      'predict',
      { ...images, target: 'label', outDir },
      batch,
    );
    const logits = [...readNpy(outDir, predicted.files, 'logits.npy').data];
    const labels = [...readNpy(outDir, predicted.files, 'labels.npy').data];
    const expected = labels.map((label, i) => {
      const row = logits.slice(i * 10, i * 10 + 10).map(Math.exp);
      return (row[label] ?? 0) / row.reduce((sum, value) => sum + value, 0);
    });
    [...expected, ...expected].forEach((value, i) => {
      expect(clean?.data[i]).toBeCloseTo(value, 5);
    });
    const [removed] = await scored(0.9);
    expect(removed?.data).not.toEqual(clean?.data);
    const ranking = { kind: 'map' as const, path: paths[0] ?? '', reduction: removal.reduction };
    const input = { ...images, ...removal, level: 0.5, ranking, outDir };
    const degraded = await engine.request('degrade', input, batch);
    const pixels = readNpy(outDir, degraded.files, 'images.npy');
    expect(pixels.shape).toEqual([3, 28, 28, 1]);
    const wrong = { ...input, indices: [1, 2] };
    await expect(engine.request('degrade', wrong, batch)).rejects.toEqual(code('corrupt-file'));
  });

  it('trains and validates on images with pixels removed at random', async () => {
    const outDir = temporaryFolder();
    const removal = { level: 0.9 };
    const input = { ...epochOf(outDir), removal, removalSeed: 4 };
    const trained = await engine.request('train-epoch', input, batch);
    const degraded = join(outDir, 'model.safetensors');
    expect(sha(degraded)).not.toBe(sha(model));
    const split = 'validation' as const;
    const again = { ...mnist, model: degraded, split, removal, removalSeed: 4 };
    const { accuracy } = await engine.request('evaluate', again, batch);
    expect(accuracy).toBe(trained.validationAccuracy);
  });

  it('measures its rates', async () => {
    const rates = await engine.request('measure-rates', mnistCnn, interactive);
    for (const rate of Object.values(rates)) expect(rate).toBeGreaterThan(100);
  });

  it('imports weights made elsewhere, and refuses what are none', async () => {
    const outDir = temporaryFolder();
    const input = {
      ...{ ...mnist, path: model, file: 'mine.safetensors', weightsKey: null },
      ...{ architecture: null, suggested: 'mnist-cnn', leaveOutExtra: false },
      ...{ mean: [0.13], std: [0.31], crop: null, classes: null, labels: 'match' as const },
    };
    const made = await engine.request('import-model', { ...input, outDir }, batch);
    const { adapted } = made;
    expect(made).toMatchObject({ architecture: 'mnist-cnn', classes: null });
    expect(made.input).toEqual({ mean: [0.13], std: [0.31] });
    expect(made.files.map(({ name }) => name)).toEqual(['model.safetensors']);
    expect(adapted).toEqual([]);
    const bad = join(outDir, 'bad.safetensors');
    writeFileSync(bad, 'no weights');
    const refused = engine.request('import-model', { ...input, path: bad, outDir }, batch);
    await expect(refused).rejects.toEqual(code('corrupt-file'));
    const half = engine.request('import-model', { ...input, std: null, outDir }, batch);
    await expect(half).rejects.toMatchObject({ data: { field: 'std' } });
  });

  it('counts accuracy over a split', async () => {
    const input = { ...mnist, model, split: 'validation', removal: {}, removalSeed: 0 } as const;
    const { accuracy, count } = await engine.request('evaluate', input, batch);
    expect(count).toBe(10_000);
    expect(accuracy).toBeGreaterThan(0.5);
  });

  it('cancels within two seconds, and goes on with the next request in the same process', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const outDir = temporaryFolder();
    const whole = { ...epochOf(outDir), recipe: { architecture: 'mnist-cnn', epochs: 1 } };
    let stop = 0;
    const request = engine.request('train-epoch', whole, {
      ...batch,
      signal,
      report: ({ done }) => {
        if (done < 1280 || signal.aborted) return;
        stop = performance.now();
        controller.abort();
      },
    });
    await expect(request).rejects.toEqual(code('cancelled'));
    expect(performance.now() - stop).toBeLessThan(2000);
    await engine.request('train-epoch', epochOf(outDir), batch);
    expect(sha(join(outDir, 'model.safetensors'))).toBe(sha(model));
    expect(engine.attempts).toBe(1);
  });

  it('is started again after kill -9, with the same results', async () => {
    const outDir = temporaryFolder();
    const killed = engine.request(
      'train-epoch',
      { ...epochOf(outDir), recipe: { architecture: 'mnist-cnn' } },
      {
        ...batch,
        report: () => engine.pid && process.kill(engine.pid, 'SIGKILL'),
      },
    );
    await expect(killed).rejects.toMatchObject({
      data: { code: 'engine-failed', details: { reason: 'it was ended by SIGKILL' } },
    });
    await engine.request('train-epoch', epochOf(outDir), batch);
    expect(sha(join(outDir, 'model.safetensors'))).toBe(sha(model));
    expect(engine.attempts).toBe(2);
  });
});

/** A copy of the built engine where TensorFlow's addon is not installed. */
/** Packages that the engine reads datasets with. */
const engineParts = [
  '@streamparser/json',
  'csv-parse',
  'pure-rand',
  'sax',
  'sharp',
  'tar-stream',
  'yauzl',
  'yazl',
  'zod',
];

function engineWithoutAddon(): string {
  const folder = temporaryFolder();
  const entry = join(folder, 'out', 'engine.js');
  cpSync(dirname(files.engineEntry), dirname(entry), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of engineParts) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(files.root, 'node_modules', name), link, 'dir');
  }
  return entry;
}

describe('engine process without TensorFlow', () => {
  it('says why and what to do, refuses numbers and reads datasets all the same', async () => {
    const entry = engineWithoutAddon();
    const record = join(temporaryFolder(), 'engine.json');
    const engine = realEngine({ entry, record });
    onTestFinished(() => engine.close());
    const bare = await engine.request('describe', {}, interactive);
    expect(bare).toMatchObject({
      available: false,
      reason: expect.stringMatching(/not installed/),
      remedy: 'npm run setup',
      device: null,
    });
    const reason = 'there is no Python 3';
    const remedy = 'apt install python3';
    const found = { ok: false, variant: 'cpu', tensorflow: null, reason, remedy };
    writeFileSync(record, JSON.stringify(found));
    const explained = await engine.request('describe', {}, interactive);
    expect(explained).toMatchObject({ available: false, reason, remedy });
    await expect(engine.request('measure-rates', mnistCnn, batch)).rejects.toMatchObject({
      data: { code: 'engine-unavailable', message: expect.stringContaining(reason) },
    });
    const summary = await engine.request('dataset-summary', mnist, interactive);
    expect(summary.train).toBe(60_000);
  });
});

describe('a parent that dies', () => {
  it('takes the engine with it soon after its current call', async () => {
    const script = `
      import { spawn } from 'node:child_process';
      const [node, entry, dataset, outDir] = process.argv.slice(1);
      const child = spawn(node, [entry], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      child.on('message', (m) => m.type === 'progress' && process.stdout.write(child.pid + '\\n'));
      child.send({ version: 1, job: 1, attempt: 1, sequence: 1, type: 'request',
        operation: 'train-epoch', lane: 'batch', input: { dataset: 'mnist', name: 'MNIST', datasetDir: dataset,
          recipe: { architecture: 'mnist-cnn' }, removal: {}, removalSeed: 0, epoch: 0,
          checkpoint: null, outDir } });`;
    const parent: ChildProcess = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        script,
        files.node,
        files.engineEntry,
        mnist.datasetDir,
        temporaryFolder(),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line]: unknown[] = parent.stdout ? await once(parent.stdout, 'data') : [];
    const pid = Number.parseInt(String(line), 10);
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => alive(pid), { timeout: 10_000, interval: 50 }).toBe(false);
  });
});
