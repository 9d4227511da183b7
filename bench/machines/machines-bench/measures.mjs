// @ts-check
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { digests, smallRun, until } from './lab.mjs';

/**
 * @typedef {ReturnType<typeof import('./lab.mjs').createLab>} Lab
 * @typedef {{minutes: number, every: number, say: (line: string) => void}} Options
 * @typedef {{id: string, long?: boolean, measure: (lab: Lab, options: Options) => Promise<void>}} Measure
 */

/** A queue to try and a join file, on a data directory. @param {Lab} lab @param {string} name */
async function site(lab, name) {
  const data = lab.data(name);
  mkdirSync(data, { recursive: true });
  const queue = lab.start(['--data', data, 'queue', 'try']);
  await until('the queue', () => existsSync(join(data, 'machines', 'queue.json')), 30);
  const joinFile = join(lab.folder, `${name}.join`);
  await lab.run(['--data', data, 'join', 'create', '--out', joinFile]);
  let workers = 0;
  return {
    data,
    queue,
    /** @param {{threads?: number, env?: NodeJS.ProcessEnv}} [options] */
    worker({ threads = 1, env = {} } = {}) {
      workers += 1;
      const store = join(lab.folder, `${name}-store-${workers}`);
      const argv = ['worker', '--join', joinFile, '--threads', String(threads), '--store', store];
      return lab.start(argv, env);
    },
    /** @param {string} out @param {string[]} [more] */
    roar: (out, more = []) =>
      lab.start(
        ['--data', data, ...smallRun, '--threads', '1', '--queue', 'only', '--out', out, ...more],
        {},
      ),
  };
}

/** @param {import('./lab.mjs').Process} worker */
const joined = (worker) =>
  until('a worker', () => /waits for work|joined/i.test(worker.err() + worker.out()), 90);

/** @param {import('./lab.mjs').Process} command @param {string} what */
async function done(command, what) {
  const code = await command.ended;
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${command.err().slice(-2000)}`);
}

/** The small run on this machine alone, with one thread. @param {Lab} lab */
async function alone(lab) {
  const out = join(lab.folder, 'alone-out');
  if (existsSync(join(out, 'curves.csv'))) return { out, seconds: null };
  const begun = Date.now();
  await done(
    lab.start(['--data', lab.data('alone'), ...smallRun, '--threads', '1', '--out', out]),
    'the run alone',
  );
  return { out, seconds: (Date.now() - begun) / 1000 };
}

/** @param {string} one @param {string} other */
function compared(one, other) {
  const [a, b] = [digests(one), digests(other)];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  const differ = names.filter((name) => a[name] !== b[name]);
  return { names, differ };
}

/** @type {Measure[]} */
export const measures = [
  {
    id: 'same-bytes',
    async measure(lab, { say }) {
      const one = await alone(lab);
      say(`one machine, one thread: ${one.seconds?.toFixed(0)} s`);
      const here = await site(lab, 'same');
      const workers = [here.worker(), here.worker(), here.worker()];
      for (const worker of workers) await joined(worker);
      const out = join(lab.folder, 'same-out');
      const begun = Date.now();
      await done(here.roar(out), 'the run by three workers');
      say(`three workers of one thread each: ${((Date.now() - begun) / 1000).toFixed(0)} s`);
      const { names, differ } = compared(one.out, out);
      say(
        `${names.length} files compared: ${differ.length === 0 ? 'all equal' : `these differ: ${differ.join(', ')}`}`,
      );
    },
  },
  {
    id: 'speed-up',
    async measure(lab, { say }) {
      const one = await alone(lab);
      for (const count of [1, 2]) {
        const here = await site(lab, `speed-${count}`);
        const workers = Array.from({ length: count }, () => here.worker());
        for (const worker of workers) await joined(worker);
        const begun = Date.now();
        await done(here.roar(join(lab.folder, `speed-${count}-out`)), 'the run');
        say(
          `${count} workers: ${((Date.now() - begun) / 1000).toFixed(1)} s (alone ${one.seconds?.toFixed(1)} s)`,
        );
        for (const { child } of [...workers, here.queue]) child.kill('SIGTERM');
        await Promise.all([...workers, here.queue].map(({ ended }) => ended));
      }
    },
  },
  {
    id: 'kills',
    long: true,
    async measure(lab, { minutes, every, say }) {
      const one = await alone(lab);
      const here = await site(lab, 'kills');
      const workers = [here.worker(), here.worker(), here.worker()];
      for (const worker of workers) await joined(worker);
      const end = Date.now() + minutes * 60_000;
      let [runs, kills] = [0, 0];
      const timer = setInterval(() => {
        const index = Math.floor(Math.random() * workers.length);
        workers[index]?.child.kill('SIGKILL');
        workers[index] = here.worker();
        kills += 1;
      }, every * 1000);
      try {
        while (Date.now() < end) {
          const out = join(lab.folder, `kills-out-${runs}`);
          // Another seed would be another run; the same one is made anew in a directory of its own.
          await done(here.roar(out, ['--name', `run ${runs}`]), 'a run');
          const { differ } = compared(one.out, out);
          if (differ.length > 0) throw new Error(`run ${runs} differs in ${differ.join(', ')}`);
          runs += 1;
        }
      } finally {
        clearInterval(timer);
      }
      say(`${runs} runs with ${kills} kills: the same bytes as on one machine`);
    },
  },
];
