// @ts-check
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson, writeAtomically } from './files.mjs';

/**
 * One set-up at a time, per clone and per cache. The lock names its holder's process and when
 * that process began, so the lock of a killed set-up is recognised and taken over, and the
 * tools which that set-up left running (an npm or a pip) are ended first.
 * @typedef {{pid: number, began: string}} ProcessMark
 * @typedef {{holder: ProcessMark, tools: ProcessMark[]}} LockContent
 */

/** @type {Map<string, LockContent>} */
const held = new Map();

/**
 * @param {number} pid
 * @returns {string | null} when the process began, in the system's own words; null where none runs
 */
export function processBegan(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? null);
    }
    if (process.platform === 'win32') {
      process.kill(pid, 0);
      return 'running';
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** @param {ProcessMark} mark */
function runs(mark) {
  return processBegan(mark.pid) === mark.began;
}

/** @param {string} file @returns {LockContent | null} */
function readLock(file) {
  const content = readJson(file);
  return content && content.holder && Array.isArray(content.tools) ? content : null;
}

/** @param {string} file @param {LockContent} content */
function tryCreate(file, content) {
  const candidate = `${file}.${process.pid}.${randomBytes(3).toString('hex')}`;
  writeFileSync(candidate, JSON.stringify(content));
  try {
    linkSync(candidate, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(candidate, { force: true });
  }
}

/**
 * Kill a tool, and wait until it is gone: a signal takes effect when the system comes to it.
 * @param {ProcessMark} tool
 */
async function end(tool) {
  if (!runs(tool)) return;
  try {
    process.kill(process.platform === 'win32' ? tool.pid : -tool.pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
  for (let waited = 0; waited < 5000 && runs(tool); waited += 20) await sleep(20);
}

/** @param {string} file @param {LockContent | null} stale */
async function takeAway(file, stale) {
  for (const tool of stale?.tools ?? []) await end(tool);
  if (JSON.stringify(readLock(file)) !== JSON.stringify(stale)) return;
  const aside = `${file}.${randomBytes(3).toString('hex')}.stale`;
  try {
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch {
    // Another set-up took it away first.
  }
}

/**
 * @template T
 * @param {string} file
 * @param {{onWait: (pid: number) => void}} options called once, where another set-up is at work
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { onWait }, work) {
  mkdirSync(dirname(file), { recursive: true });
  const content = {
    holder: { pid: process.pid, began: processBegan(process.pid) ?? 'unknown' },
    tools: [],
  };
  let told = false;
  while (!tryCreate(file, content)) {
    const current = readLock(file);
    if (current === null || !runs(current.holder)) {
      await takeAway(file, current);
      continue;
    }
    if (!told) onWait(current.holder.pid);
    told = true;
    await sleep(200);
  }
  held.set(file, content);
  try {
    return await work();
  } finally {
    held.delete(file);
    rmSync(file, { force: true });
  }
}

/** @param {number} pid */
export function noteChild(pid) {
  for (const [file, content] of held) {
    content.tools.push({ pid, began: processBegan(pid) ?? 'unknown' });
    writeAtomically(file, JSON.stringify(content));
  }
}

/** @param {number} pid */
export function forgetChild(pid) {
  for (const [file, content] of held) {
    content.tools = content.tools.filter((tool) => tool.pid !== pid);
    writeAtomically(file, JSON.stringify(content));
  }
}

/** For a process that is about to end without unwinding. */
export function releaseAll() {
  for (const file of held.keys()) rmSync(file, { force: true });
  held.clear();
}
