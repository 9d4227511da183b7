// @ts-check
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { forgetChild, noteChild, releaseAll } from './lock.mjs';
import { inWords } from './system-words.mjs';

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null} the program's path, as a shell would find it
 */
export function which(name, env) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = /[\\/]/.test(name) ? [''] : (env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    for (const extension of extensions) {
      const path = folder ? join(folder, name + extension) : name;
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        continue;
      }
    }
  }
  return null;
}

/**
 * The environment for a tool that must not take npm's settings for its own
 * (node-gyp lets npm_config_* win over its command line).
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function withoutNpmSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv}
 */
export function withFolderFirst(env, folder) {
  return { ...env, PATH: env.PATH ? `${folder}${delimiter}${env.PATH}` : folder };
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const living = new Set();

/** Ends a tool and all that it started; each runs as the leader of its own group.
 * @param {import('node:child_process').ChildProcess} child */
function endGroup(child) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

/** Set-up that is told to stop takes its tools with it and leaves no lock behind. */
export function stopToolsOnSignals() {
  /** @type {[NodeJS.Signals, number][]} */
  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ];
  const handlers = signals.map(([signal, code]) => {
    const handler = () => {
      for (const child of living) endGroup(child);
      releaseAll();
      process.stderr.write('\nSet-up was interrupted; the next run goes on from here.\n');
      process.exit(code);
    };
    process.on(signal, handler);
    return /** @type {const} */ ([signal, handler]);
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/**
 * Runs a tool to its end and keeps what it said.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd: string, env: NodeJS.ProcessEnv, onLine?: (line: string) => void,
 *   every?: () => boolean | void, limitMs?: number}} options
 *   `every` is called twice a second; false ends the tool, and so does the limit.
 * @returns {Promise<{code: number | null, signal: string | null, output: string, ended: boolean}>}
 *   output: the last 200,000 characters of both streams; ended: true where we ended it
 */
export function runTool(command, args, { cwd, env, onLine, every, limitMs }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      shell: process.platform === 'win32' && command.endsWith('.cmd'),
    });
    let output = '';
    let rest = '';
    let ended = false;
    const started = Date.now();
    living.add(child);
    if (child.pid !== undefined) noteChild(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      const decoder = new StringDecoder('utf8');
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        const text = decoder.write(chunk);
        output = (output + text).slice(-200_000);
        if (!onLine) return;
        const lines = (rest + text).split(/\r?\n|\r/);
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
    }
    const timer = setInterval(() => {
      const overdue = limitMs !== undefined && Date.now() - started > limitMs;
      if (overdue || every?.() === false) {
        ended = true;
        endGroup(child);
      }
    }, 500);
    /** @param {() => void} settle */
    const finish = (settle) => {
      clearInterval(timer);
      living.delete(child);
      if (child.pid !== undefined) forgetChild(child.pid);
      settle();
    };
    child.once('error', (error) => finish(() => reject(error)));
    child.once('close', (code, signal) => finish(() => resolve({ code, signal, output, ended })));
  });
}

/** @param {string} output @param {number} [count] */
export function lastLines(output, count = 15) {
  return inWords(stripVTControlCharacters(output))
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n');
}
