// @ts-check
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Hands over to the application. A Ctrl-C reaches us more than once (from the terminal and from
 * npm), and the application takes a second signal as "at once": so it runs in a group of its own
 * and gets each wish from us, once.
 */

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const SAME_WISH_MS = 1000;

let interrupted = false;

/** @returns {boolean} whether somebody asked us to stop, so that nothing further is begun */
export function wasInterrupted() {
  return interrupted;
}

/** @param {number} pid @returns {number | null} the parent of a process; null where unknown */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/**
 * Under npm there are npm and a shell above us; when either is killed outright, nobody is left
 * to pass a signal on.
 * @returns {() => boolean} whether those who started us are still there
 */
function watchStarter() {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return () => true;
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  return () =>
    process.ppid === parent && (grandparent === null || parentOf(parent) === grandparent);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd: string, env: NodeJS.ProcessEnv}} options
 * @returns {Promise<number>} its exit code; 128 + n where signal n ended it
 */
export function launch(command, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: 'inherit',
      detached: process.platform !== 'win32',
    });
    let lastWish = 0;
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      const now = Date.now();
      if (now - lastWish < SAME_WISH_MS) return;
      lastWish = now;
      interrupted = true;
      child.kill(signal);
    };
    const handlers = SIGNALS.map((signal) => {
      const handler = () => passOn(signal);
      process.on(signal, handler);
      return /** @type {const} */ ([signal, handler]);
    });
    const starterLives = watchStarter();
    const timer = setInterval(() => {
      if (starterLives()) return;
      clearInterval(timer);
      passOn('SIGTERM');
    }, 1000);
    const end = () => {
      clearInterval(timer);
      for (const [signal, handler] of handlers) process.off(signal, handler);
    };
    child.once('error', (error) => {
      end();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      end();
      resolve(code ?? 128 + (signalNumber(signal) ?? 0));
    });
  });
}

/** @param {NodeJS.Signals | null} signal */
function signalNumber(signal) {
  /** @type {Partial<Record<NodeJS.Signals, number>>} */
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
  return signal === null ? null : numbers[signal];
}

/**
 * Loaded into the application before its own code: when we are killed outright, it is told to
 * end in good order instead of living on unseen with the data directory's lock.
 */
export const orphanGuard = new URL('./orphan-guard.mjs', import.meta.url).href;
