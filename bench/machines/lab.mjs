// @ts-check
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A coordinator, a queue and workers as processes of this machine, as a person starts them on several.
 * @typedef {{child: import('node:child_process').ChildProcess, out: () => string,
 *   err: () => string, ended: Promise<number | null>}} Process
 * @typedef {ReturnType<typeof createLab>} Lab
 */

/**
 * Starts processes and ends them all with the lab.
 * @param {{node: string, cli: string, folder: string, env?: NodeJS.ProcessEnv}} options
 *   cli: the built entry of the command line; folder: of data, join files and outputs
 */
export function createLab({ node, cli, folder, env = process.env }) {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const children = new Set();
  mkdirSync(folder, { recursive: true });

  /** @param {string[]} argv @param {NodeJS.ProcessEnv} [more] @returns {Process} */
  function start(argv, more = {}) {
    const child = spawn(node, [cli, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, ...more },
    });
    children.add(child);
    const wrote = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (wrote.out += String(chunk)));
    child.stderr.on('data', (chunk) => (wrote.err += String(chunk)));
    const ended = new Promise((resolve) => {
      child.on('close', (code) => {
        children.delete(child);
        resolve(code);
      });
    });
    return { child, out: () => wrote.out, err: () => wrote.err, ended };
  }

  /** A command that has to succeed; its JSON. @param {string[]} argv */
  async function run(argv) {
    const command = start([...argv, '--json']);
    const code = await command.ended;
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${command.err()}`);
    return JSON.parse(command.out());
  }

  return {
    folder,
    start,
    run,
    /** @param {string} name */
    data: (name) => join(folder, name),
    /** Ends everything that still runs. */
    async close() {
      const ends = [...children].map(
        (child) => new Promise((resolve) => child.once('close', () => resolve(null))),
      );
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ends);
    },
  };
}

/**
 * Waits until something is so.
 * @param {string} what for the error @param {() => unknown} is @param {number} [seconds]
 */
export async function until(what, is, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * A queue to try, on a data directory of its own, and a join file.
 * @param {Lab} lab @param {string} name
 */
export async function openSite(lab, name) {
  const data = lab.data(name);
  mkdirSync(data, { recursive: true });
  const known = join(data, 'machines', 'queue.json');
  const startQueue = async () => {
    const queue = lab.start(['--data', data, 'queue', 'try']);
    await until('the queue', () => existsSync(known) && queue.out() !== '', 30);
    return queue;
  };
  const state = { queue: await startQueue() };
  const joinFile = join(lab.folder, `${name}.join`);
  await lab.run(['--data', data, 'join', 'create', '--out', joinFile]);
  /** @type {Process[]} */
  const workers = [];
  /** @type {Process[]} */
  const others = [];
  /** @param {string[]} argv */
  const start = (argv) => {
    const at = ['--threads', '1', '--queue', 'only'];
    const process = lab.start(['--data', data, ...argv, ...at]);
    others.push(process);
    return process;
  };
  return {
    data,
    get queue() {
      return state.queue;
    },
    async restartQueue() {
      state.queue = await startQueue();
    },
    /** A worker of one thread. @param {NodeJS.ProcessEnv} [env] @param {string[]} [more] */
    worker(env = {}, more = []) {
      const store = join(lab.folder, `${name}-store-${workers.length}`);
      const argv = ['worker', '--join', joinFile, '--threads', '1', '--store', store, ...more];
      const worker = lab.start(argv, env);
      workers.push(worker);
      return worker;
    },
    start,
    /** @param {readonly string[]} run @param {string} out */
    roar: (run, out) => start([...run, '--out', out]),
    /** Ends its processes. */
    async close() {
      for (const each of [...workers, ...others]) each.child.kill('SIGKILL');
      state.queue.child.kill('SIGTERM');
      await Promise.all([...workers, ...others, state.queue].map(({ ended }) => ended));
    },
  };
}

/** Until a worker is there for what comes, or waits for its coordinator. @param {Process} worker */
export const workerRun = (worker) =>
  until('a worker', () => /Waiting for (work|it)/.test(worker.err()), 60);

/** @param {Process} command @param {string} what */
export async function succeed(command, what) {
  const code = await command.ended;
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${command.err().slice(-2000)}`);
}

/** Files in which two folders of results differ, but for seconds and ids.
 * @param {string} one @param {string} other */
export function differences(one, other) {
  const [a, b] = [digests(one), digests(other)];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.filter((name) => a[name] !== b[name]);
}

/** The options of a small run by `roar-retrain`: 3 methods, 3 levels, 2 repetitions of MNIST, cut. */
export const smallRun = [
  ...['roar', '--dataset', 'mnist', '--protocol', 'retrain', '--preset', 'quick'],
  ...['--methods', 'gradient,guided-backprop', '--levels', '0,0.5,0.9', '--repetitions', '2'],
  ...['--images', '200', '--epochs', '2', '--train-limit', '1000', '--resamples', '100'],
];

/** What a run's results must agree in, whoever made them: file by file, without times and ids.
 * @param {string} folder @returns {Record<string, string>} */
function digests(folder) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (/\.(csv|svg|png|npy|safetensors)$/.test(name)) {
      found[name] = createHash('sha256').update(bytesOf(path)).digest('hex');
    }
  }
  return found;
}

/** Seconds differ from run to run. @param {string} path */
function bytesOf(path) {
  const bytes = readFileSync(path);
  if (!path.endsWith('models.csv')) return bytes;
  const lines = bytes.toString().trimEnd().split('\n');
  const columns = (lines[0] ?? '').split(',');
  const kept = columns.flatMap((column, i) => (/seconds|id|job/.test(column) ? [] : [i]));
  return lines.map((line) => kept.map((i) => line.split(',')[i]).join(',')).join('\n');
}
