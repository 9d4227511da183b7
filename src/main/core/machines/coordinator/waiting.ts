import { counted } from '../../../../shared/format/counts';
import { type Machines, type WorkerRecord } from '../../../../shared/machines';

interface Seen {
  readonly connection: Machines['connection'];
  readonly problem: Machines['problem'];
  readonly workers: readonly Pick<WorkerRecord, 'difference' | 'problem' | 'state'>[];
  /** Why the queue takes nothing in, in a sentence. */
  readonly trouble: string | null;
  /** This machine's own worker; `problem`: why it ended last. */
  readonly own: { readonly problem: string | null } | null;
}

/** What keeps a job of the queue waiting, in a sentence; null: somebody is there for it. */
export function waitingFor({ connection, problem, workers, trouble, own }: Seen): string | null {
  if (connection === 'lost' && problem) {
    return `${problem.message} The run goes on once it is there.`;
  }
  if (connection === 'connecting') return 'The queue is being reached.';
  if (trouble !== null) return `${trouble} The run goes on once it does.`;
  const able = workers.filter(({ difference }) => difference === null);
  const taking = able.filter(({ state }) => state !== 'draining');
  if (taking.some((worker) => worker.problem === null)) return null;
  if (own?.problem) return `This machine’s own worker ended and is started again: ${own.problem}`;
  if (taking.length > 0) {
    const reasons = [...new Set(taking.flatMap((worker) => worker.problem ?? []))];
    const take = taking.length === 1 ? 'takes' : 'take';
    return `${counted(taking.length, 'worker')} of this run’s class ${take} nothing for now: ${reasons.join(' ')}`;
  }
  if (own) return 'This machine’s own worker is starting.';
  if (able.length > 0) {
    const what =
      able.length === 1 ? 'takes nothing more: it drains' : 'take nothing more: they drain';
    return `${counted(able.length, 'worker')} of this run’s class ${what}.`;
  }
  if (workers.length === 0) return 'No worker is there: start one with a join file.';
  const reasons = [...new Set(workers.flatMap(({ difference }) => difference ?? []))];
  const wait = workers.length === 1 ? 'waits' : 'wait';
  return `No worker of this run’s class is there; ${counted(workers.length, 'worker')} ${wait}: ${reasons.join('; ')}.`;
}
