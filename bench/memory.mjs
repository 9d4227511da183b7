// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * A process and those that it started, each with the memory that it holds and the most that it held.
 * @param {number} root
 */
function processes(root) {
  if (!existsSync('/proc')) return [];
  /** @type {{ pid: number, parent: number, now: number, most: number }[]} */
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      /** @param {string} field */
      const number = (field) =>
        Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      const megabytes = (/** @type {string} */ field) => (number(field) * 1024) / 1e6;
      const [now, most] = [megabytes('VmRSS'), megabytes('VmHWM')];
      return [{ pid: Number(name), parent: number('PPid'), now, most }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
  const own = new Set([root]);
  // A child may have a smaller number than its parent.
  for (let before = 0; before < own.size;) {
    before = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return all.filter(({ pid }) => own.has(pid));
}

/**
 * Watch the memory of a process and of those that it starts.
 * @param {number} root
 */
export function watchMemory(root) {
  let together = 0;
  /** @type {Map<number, number>} */
  const most = new Map();
  const timer = setInterval(() => {
    const all = processes(root);
    together = Math.max(
      together,
      all.reduce((sum, { now }) => sum + now, 0),
    );
    for (const each of all) most.set(each.pid, Math.max(each.most, most.get(each.pid) ?? 0));
  }, 100);
  return {
    /** What they held, in words. */
    end() {
      clearInterval(timer);
      const each = [...most.values()].sort((a, b) => b - a).map((value) => value.toFixed(0));
      return together > 0
        ? `Most memory of all processes together ${together.toFixed(0)} MB; of each by itself ${each.join(', ')} MB.`
        : 'Memory is told on Linux alone.';
    },
  };
}
