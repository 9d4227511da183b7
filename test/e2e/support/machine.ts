import { cpus, loadavg } from 'node:os';

/** How many times longer a thing may take because others compute here too; 1 where nobody does. */
export function busyness(): number {
  const [load = 0] = loadavg();
  return Math.max(1, load / cpus().length);
}
