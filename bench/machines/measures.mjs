// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { differences, openSite, smallRun, succeed, until, workerRun } from './lab.mjs';

/**
 * @typedef {import('./lab.mjs').Lab} Lab
 * @typedef {import('./lab.mjs').Process} Process
 * @typedef {{minutes: number, every: number, scene?: string | undefined, say: (line: string) => void}} Options
 * @typedef {{id: string, long?: boolean, measure: (lab: Lab, options: Options) => Promise<void>}} Measure
 */

const secondsSince = (/** @type {number} */ begun) => (Date.now() - begun) / 1000;
const pause = (/** @type {number} */ seconds) =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** The small run on this machine alone, with one thread; made once. @param {Lab} lab */
async function alone(lab, run = smallRun, name = 'alone') {
  const out = join(lab.folder, `${name}-out`);
  const begun = Date.now();
  if (!existsSync(join(out, 'curves.csv'))) {
    const argv = ['--data', lab.data(name), ...run, '--threads', '1', '--out', out];
    await succeed(lab.start(argv), 'the run alone');
  }
  return { out, seconds: secondsSince(begun) };
}

/** How often each title was begun. @param {readonly Process[]} workers */
function begunTwice(workers) {
  const titles = workers.flatMap(({ err }) =>
    [...err().matchAll(/^Begun: (.*)$/gm)].map(([, t]) => t),
  );
  return titles.length - new Set(titles).size;
}

/** The process of the queue's server, a child of `queue try`. @param {Process} queue */
function serverOf({ child }) {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] ===
        String(child.pid)
      );
    } catch {
      return false;
    }
  });
  if (!found) throw new Error('queue try has no server');
  return Number(found);
}

/** The small run with longer items and more of them. @param {Record<string, string>} options */
const longer = (options) => [
  ...smallRun.filter(
    (_, i) => ![smallRun[i], smallRun[i - 1]].some((each) => each && each in options),
  ),
  ...Object.entries(options).flat(),
];
/** Something happens in the midst of its items. */
const longerRun = longer({ '--epochs': '3', '--train-limit': '6000' });
/** Ten minutes and more, in which several workers are killed. */
const longRun = longer({ '--repetitions': '5', '--epochs': '4', '--train-limit': '20000' });

/**
 * Each row: two workers at the longer run; something happens in the midst of an item; how long until the
 * run goes on, whether the bytes are those of one machine, and how many items were begun twice.
 * @param {Lab} lab @param {Options} options
 * @param {string} what
 * @param {(scene: {site: Awaited<ReturnType<typeof openSite>>, workers: Process[], coordinator: Process,
 *   restart: () => void}) => Promise<string>} event
 */
async function scene(lab, { say, scene: wanted }, what, event) {
  if (wanted !== undefined && !what.includes(wanted)) return;
  const one = await alone(lab, longerRun, 'longer');
  const name = `scene-${what.replaceAll(/[^a-z0-9]+/gi, '-')}`;
  const site = await openSite(lab, name);
  const workers = [site.worker(), site.worker()];
  const out = join(lab.folder, `${name}-out`);
  const begin = () => site.roar(longerRun, out);
  const state = { coordinator: begin() };
  const count = () =>
    workers.reduce((sum, { err }) => sum + (err().match(/^Done in/gm)?.length ?? 0), 0);
  await until('the first items', () => count() >= 3, 180);
  await pause(2);
  const told = await event({
    site,
    workers,
    get coordinator() {
      return state.coordinator;
    },
    restart: () => {
      state.coordinator = begin();
    },
  });
  await succeed(state.coordinator, `the run (${what})`);
  const differ = differences(one.out, out);
  say(
    `${what}: ${told}; ${differ.length === 0 ? 'same bytes' : `DIFFERENT: ${differ.join(', ')}`}, ${begunTwice(workers)} begun twice`,
  );
  await site.close();
}

/** The queue forgets everything. @param {{data: string}} site */
async function emptied({ data }) {
  const { address } = JSON.parse(readFileSync(join(data, 'machines', 'queue.json'), 'utf8'));
  const { host, port, username, password } = address;
  const redis = new Redis({ host, port, password, ...(username && { username }) });
  // A user with the least rights may not say FLUSHALL.
  let at = '0';
  do {
    const [next, keys] = await redis.scan(at, 'COUNT', 1000);
    if (keys.length > 0) await redis.unlink(...keys);
    at = next;
  } while (at !== '0');
  redis.disconnect();
}

/** Until somebody begins what a worker was at. @param {Process} lost @param {Process} other @param {number} from */
async function again(lost, other, from) {
  const title = [...lost.err().matchAll(/^Begun: (.*)$/gm)].at(-1)?.[1] ?? '';
  await until('its item elsewhere', () => other.err().includes(`Begun: ${title}`), 120);
  return `its item was begun elsewhere after ${secondsSince(from).toFixed(1)} s`;
}

/** Until one more item is done. @param {readonly Process[]} workers @param {number} from */
async function goesOn(workers, from) {
  const lines = () =>
    workers.reduce((sum, { err }) => sum + (err().match(/^(Done in|Begun)/gm)?.length ?? 0), 0);
  const before = lines();
  await until('the next item', () => lines() > before, 180);
  return `an item more after ${secondsSince(from).toFixed(1)} s`;
}

/** @type {Measure[]} */
export const measures = [
  {
    id: 'same-bytes',
    async measure(lab, { say }) {
      const one = await alone(lab);
      const site = await openSite(lab, 'same');
      const workers = [site.worker(), site.worker(), site.worker()];
      const out = join(lab.folder, 'same-out');
      const begun = Date.now();
      await succeed(site.roar(smallRun, out), 'the run by three workers');
      say(
        `one machine ${one.seconds.toFixed(0)} s, three workers ${secondsSince(begun).toFixed(0)} s`,
      );
      const differ = differences(one.out, out);
      say(
        differ.length === 0
          ? 'all files equal but for seconds and ids'
          : `DIFFERENT: ${differ.join(', ')}`,
      );
      say(`${begunTwice(workers)} begun twice`);
      await site.close();
    },
  },
  {
    id: 'overhead',
    async measure(lab, { say }) {
      const levels = '0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9';
      const run = [
        ...['roar', '--dataset', 'mnist', '--protocol', 'retrain', '--preset', 'quick'],
        ...['--methods', 'gradient,guided-backprop', '--levels', levels, '--repetitions', '4'],
        ...['--images', '20', '--epochs', '1', '--train-limit', '20', '--resamples', '100'],
      ];
      const site = await openSite(lab, 'tiny');
      const worker = site.worker({}, ['--json']);
      await workerRun(worker);
      const command = site.roar(run, join(lab.folder, 'tiny-out'));
      await until('the first item', () => worker.err().includes('Begun: '), 120);
      const begun = Date.now();
      let ended = begun;
      worker.child.stderr?.on('data', (chunk) => {
        if (String(chunk).includes('Done in')) ended = Date.now();
      });
      await succeed(command, 'the run');
      worker.child.kill('SIGTERM');
      await worker.ended;
      /** @type {{done: number, seconds: number}} */
      const { done, seconds } = JSON.parse(worker.out());
      const each = (((ended - begun) / 1000 - seconds) / done) * 1000;
      say(`${done} all but empty items: ${each.toFixed(0)} ms of each are not the engine’s`);
      await site.close();
      const again = await openSite(lab, 'thirty');
      const trainer = again.worker();
      await workerRun(trainer);
      // The second finds the dataset there.
      for (const [seed, what] of [
        ['1', 'the first, which brings the dataset'],
        ['2', 'the second'],
      ]) {
        const argv = ['train', '--dataset', 'mnist', '--epochs', '3', '--train-limit', '56000'];
        const before = trainer.err().length;
        const training = again.start([...argv, '--seed', seed ?? '', '--json']);
        await until('the training', () => trainer.err().slice(before).includes('Begun: '), 120);
        const from = Date.now();
        await until('its end', () => trainer.err().slice(before).includes('Done in'), 300);
        const whole = secondsSince(from);
        await succeed(training, 'the training');
        /** @type {{model: {epochs: {seconds: number}[]}}} */
        const { model } = JSON.parse(training.out());
        const spent = model.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
        const share = (100 * (1 - spent / whole)).toFixed(1);
        say(`training of ${whole.toFixed(1)} s, ${what}: ${share}% is not training`);
      }
      await again.close();
    },
  },
  {
    id: 'speed-up',
    async measure(lab, { say }) {
      const one = await alone(lab, longerRun, 'longer');
      say(`alone, one thread: ${one.seconds.toFixed(1)} s`);
      // What two processes can do at once on this machine that have nothing to do with one another.
      const both = Date.now();
      await Promise.all(['first', 'second'].map((name) => alone(lab, longerRun, name)));
      const limit = (2 * one.seconds) / secondsSince(both);
      say(
        `two such runs at once: ${secondsSince(both).toFixed(1)} s, so ${limit.toFixed(2)} at most`,
      );
      const spans = [];
      for (const count of [1, 2]) {
        const site = await openSite(lab, `speed-${count}`);
        const workers = Array.from({ length: count }, () => site.worker({}, ['--json']));
        for (const worker of workers) await workerRun(worker);
        const run = site.roar(longerRun, join(lab.folder, `speed-${count}-out`));
        await until('the first item', () => workers.some(({ err }) => err().includes('Begun: ')));
        const from = Date.now();
        await succeed(run, 'the run');
        const span = secondsSince(from);
        spans.push(span);
        let engines = 0;
        for (const worker of workers) {
          worker.child.kill('SIGTERM');
          await worker.ended;
          engines += Number(JSON.parse(worker.out()).seconds);
        }
        const share = (100 * engines) / (count * span);
        say(
          `${count} one-thread workers: ${span.toFixed(1)} s from the first item on, ${share.toFixed(0)}% of it at work`,
        );
        await site.close();
      }
      const [first = 0, second = 1] = spans;
      say(
        `two against one: ${(first / second).toFixed(2)} times, where ${limit.toFixed(2)} is the most`,
      );
    },
  },
  {
    id: 'failures',
    async measure(lab, options) {
      await scene(lab, options, 'worker killed', async ({ workers }) => {
        const [lost, other] = /** @type {[Process, Process]} */ (workers);
        lost.child.kill('SIGKILL');
        return again(lost, other, Date.now());
      });
      await scene(lab, options, 'worker ended by SIGTERM', async ({ workers }) => {
        const [lost, other] = /** @type {[Process, Process]} */ (workers);
        lost.child.kill('SIGTERM');
        return again(lost, other, Date.now());
      });
      await scene(
        lab,
        options,
        'coordinator killed, begun again',
        async ({ workers, coordinator, restart }) => {
          coordinator.child.kill('SIGKILL');
          await coordinator.ended;
          restart();
          return goesOn(workers, Date.now());
        },
      );
      await scene(lab, options, 'queue killed, back after 3 s', async ({ site, workers }) => {
        process.kill(serverOf(site.queue), 'SIGKILL');
        await site.queue.ended;
        await pause(3);
        await site.restartQueue();
        return goesOn(workers, Date.now());
      });
      await scene(lab, options, 'queue loses all that it held', async ({ site, workers }) => {
        await emptied(site);
        return goesOn(workers, Date.now());
      });
      await scene(lab, options, 'queue silent for 30 s', async ({ site, workers }) => {
        const server = serverOf(site.queue);
        process.kill(server, 'SIGSTOP');
        await pause(30);
        process.kill(server, 'SIGCONT');
        return goesOn(workers, Date.now());
      });
      await scene(lab, options, 'coordinator silent for 40 s', async ({ workers, coordinator }) => {
        coordinator.child.kill('SIGSTOP');
        await pause(40);
        coordinator.child.kill('SIGCONT');
        return goesOn(workers, Date.now());
      });
      await scene(
        lab,
        options,
        'cancelled, begun again',
        async ({ workers, coordinator, restart }) => {
          const from = Date.now();
          coordinator.child.kill('SIGINT');
          await until(
            'the end of what is under way',
            () => workers.every(({ err }) => !/Begun: [^\n]*\n$/.test(err())),
            30,
          );
          const stopped = secondsSince(from).toFixed(1);
          await coordinator.ended;
          restart();
          const from2 = Date.now();
          return `stopped everywhere after ${stopped} s, ${await goesOn(workers, from2)}`;
        },
      );
    },
  },
  {
    id: 'kills',
    long: true,
    async measure(lab, { minutes, every, say }) {
      const one = await alone(lab, longRun, 'long');
      say(`one machine: ${one.seconds.toFixed(0)} s a run`);
      const end = Date.now() + minutes * 60_000;
      let [runs, kills, twice] = [0, 0, 0];
      /** Those of the run under way. @type {{worker: () => Process, workers: Process[]} | null} */
      let running = null;
      const timer = setInterval(() => {
        if (!running) return;
        const at = kills % running.workers.length;
        running.workers[at]?.child.kill('SIGKILL');
        running.workers[at] = running.worker();
        kills += 1;
      }, every * 1000);
      try {
        while (Date.now() < end) {
          // The same run is made anew in a directory of its own.
          const site = await openSite(lab, `kills-${runs}`);
          /** @type {Process[]} */
          const ever = [];
          const worker = () => {
            const process = site.worker();
            ever.push(process);
            return process;
          };
          running = { worker, workers: [worker(), worker(), worker()] };
          const out = join(lab.folder, `kills-${runs}-out`);
          const begun = Date.now();
          await succeed(site.roar(longRun, out), 'a run');
          running = null;
          const differ = differences(one.out, out);
          if (differ.length > 0) throw new Error(`run ${runs} differs in ${differ.join(', ')}`);
          twice += begunTwice(ever);
          runs += 1;
          say(
            `run ${runs}: ${secondsSince(begun).toFixed(0)} s, ${kills} kills so far, same bytes`,
          );
          await site.close();
        }
      } finally {
        clearInterval(timer);
      }
      say(
        `${runs} runs in ${minutes} min and ${kills} kills: the same bytes as on one machine, ${twice} items begun twice`,
      );
    },
  },
];
