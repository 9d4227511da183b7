import { counted } from '../../../../shared/format/counts';
import { type WorkerRecord } from '../../../../shared/machines';

/** What keeps a job of the queue waiting, in a sentence; null: somebody is there for it. */
export function waitingFor(
  workers: readonly Pick<WorkerRecord, 'difference' | 'state'>[],
): string | null {
  const able = workers.filter(({ difference }) => difference === null);
  if (able.some(({ state }) => state !== 'draining')) return null;
  if (able.length > 0) {
    const [take, they] = able.length === 1 ? ['takes', 'it drains'] : ['take', 'they drain'];
    return `${counted(able.length, 'worker')} of this run’s class ${take} nothing more: ${they}.`;
  }
  if (workers.length === 0) return 'No worker is there: start one with a join file.';
  const reasons = [...new Set(workers.flatMap(({ difference }) => difference ?? []))];
  const wait = workers.length === 1 ? 'waits' : 'wait';
  return `No worker of this run’s class is there; ${counted(workers.length, 'worker')} ${wait}: ${reasons.join('; ')}.`;
}
