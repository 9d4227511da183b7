import { conflict, notFound, StudioError, toErrorData } from '../../../shared/errors';
import { type NewId } from '../../../shared/ids';
import { type Job, type JobState } from '../../../shared/jobs';
import { isCancelled } from '../engine/engine-host';
import { now } from '../storage/environment';
import { JobRun, type LedgerParts } from './job-run';
import { type NewJob } from './jobs-repository';

interface Parts extends LedgerParts {
  readonly newId: NewId;
}

/** What the scheduler needs to know of a kind of job. */
export interface JobKind {
  readonly kind: Job['kind'];
  /**
   * What happens to a job whose process died: `resume` goes on after its last item, `restart` does
   * every item again, `fail` gives it up with a reason.
   */
  readonly recovery: 'resume' | 'restart' | 'fail';
  readonly run: (run: JobRun) => Promise<void>;
  /** The datasets that a job of this kind works with. */
  readonly datasets: (job: Job) => readonly string[];
  /** Brings the job's subject in line with the job's new state, and announces it. */
  readonly changed: (job: Job) => void;
}

type Stop = 'cancel' | 'park';

interface Running {
  readonly id: string;
  readonly abort: AbortController;
  readonly run: JobRun;
  stop: Stop | null;
  readonly finished: Promise<unknown>;
}

/** Milliseconds between two announcements of progress. */
const tick = 500;

/** Runs one batch job at a time, oldest first, and keeps the ledger's states true. */
export class Scheduler {
  readonly #parts: Parts;
  readonly #kinds: ReadonlyMap<Job['kind'], JobKind>;
  #running: Running | null = null;
  #accepting = true;

  constructor(parts: Parts, kinds: readonly JobKind[]) {
    this.#parts = parts;
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, kind]));
  }

  /**
   * At start: jobs that a dead process left running, and parked ones, are queued again (or all
   * parked, where the caller wants to start only what it names).
   */
  recover(how: 'resume' | 'park'): void {
    const { jobs } = this.#parts;
    for (const job of jobs.inState('cancelling')) {
      jobs.finish(job.id, 'cancelled', now(this.#parts));
      this.#announce(job.id);
    }
    const left =
      how === 'resume' ? (['running', 'parked'] as const) : (['running', 'queued'] as const);
    for (const job of jobs.inState(...left)) {
      if (job.state === 'running' && this.#kind(job).recovery === 'fail') {
        jobs.finish(job.id, 'failed', now(this.#parts), {
          code: 'internal',
          message: 'The application ended while the job ran, and a job of this kind cannot go on.',
        });
      } else if (how === 'resume') jobs.setState(job.id, 'queued');
      else jobs.finish(job.id, 'parked', now(this.#parts));
      this.#announce(job.id);
    }
    this.#pump();
  }

  /**
   * A new job, queued; it begins at once if nothing else runs.
   *
   * @param commit writes, in the transaction that writes the job down, what refers to it
   */
  start(
    asked: Omit<NewJob, 'id' | 'createdAt'>,
    commit?: (job: Pick<NewJob, 'id' | 'createdAt'>) => void,
  ): Job {
    const { database, jobs, newId } = this.#parts;
    const job = { ...asked, id: newId('job'), createdAt: now(this.#parts) };
    database.transaction(() => {
      jobs.insert(job);
      commit?.(job);
    });
    return this.#enqueued(job.id);
  }

  list(): Job[] {
    return this.#parts.jobs.list().map((job) => this.#live(job));
  }

  get(id: string): Job {
    const job = this.#parts.jobs.get(id);
    if (!job) throw notFound('job', id);
    return this.#live(job);
  }

  /** A job, queued or under way, that works with a dataset. */
  userOf(dataset: string): Job | undefined {
    return this.#parts.jobs
      .inState('queued', 'running', 'cancelling')
      .find((job) => this.#kind(job).datasets(job).includes(dataset));
  }

  isActive(id: string): boolean {
    return ['queued', 'running', 'cancelling'].includes(this.get(id).state);
  }

  cancel(id: string): Job {
    const { jobs } = this.#parts;
    const job = this.get(id);
    if (job.state === 'queued' || job.state === 'parked') {
      jobs.finish(id, 'cancelled', now(this.#parts));
      this.#announce(id);
    } else if (job.state === 'running' && this.#running?.id === id) {
      jobs.setState(id, 'cancelling');
      this.#announce(id);
      this.#stop('cancel');
    } else if (job.state !== 'cancelling' && job.state !== 'cancelled') {
      throw conflict(`The job is ${job.state}: there is nothing to cancel.`);
    }
    return this.get(id);
  }

  resume(id: string): Job {
    const job = this.get(id);
    if (!['cancelled', 'parked', 'failed'].includes(job.state)) {
      throw conflict(`The job is ${job.state}: only one that stopped can go on.`);
    }
    this.#parts.jobs.setState(id, 'queued');
    return this.#enqueued(id);
  }

  /** Stop the running job where it can go on, and start no other. Answers once it has stopped. */
  async park(): Promise<void> {
    this.#accepting = false;
    this.#stop('park');
    await this.#running?.finished;
  }

  #enqueued(id: string): Job {
    this.#announce(id);
    this.#pump();
    return this.get(id);
  }

  #stop(stop: Stop): void {
    const running = this.#running;
    if (!running || running.abort.signal.aborted) return;
    running.stop = stop;
    running.abort.abort(new StudioError({ code: 'cancelled', message: 'The job was stopped.' }));
  }

  #pump(): void {
    if (this.#running || !this.#accepting) return;
    const next = this.#parts.jobs.inState('queued')[0];
    if (!next) return;
    this.#parts.jobs.start(next.id, now(this.#parts));
    const abort = new AbortController();
    const run = new JobRun(this.#parts, this.get(next.id), abort.signal);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const running: Running = { id: next.id, abort, run, stop: null, finished: promise };
    this.#running = running;
    this.#announce(next.id);
    void this.#execute(running).then(() => {
      this.#running = null;
      this.#announce(next.id);
      resolve(undefined);
      this.#pump();
    });
  }

  /** Never rejects: however the attempt ends, the ledger says how. */
  async #execute(running: Running): Promise<void> {
    const { id, run } = running;
    const { jobs, log } = this.#parts;
    const ticker = setInterval(() => run.announceProgress(), tick);
    const finish = (
      state: JobState & ('done' | 'cancelled' | 'parked' | 'failed'),
      error?: unknown,
    ) => jobs.finish(id, state, now(this.#parts), error === undefined ? null : toErrorData(error));
    try {
      await this.#kind(run.job).run(run);
      finish('done');
    } catch (error) {
      try {
        if (running.stop && isCancelled(error)) {
          finish(running.stop === 'cancel' ? 'cancelled' : 'parked');
        } else {
          log.error('A job failed.', { job: id, error: toErrorData(error) });
          finish('failed', error);
        }
      } catch (second) {
        // The disk may be full even for this: at the next start the job is found running.
        log.error('The end of a job could not be recorded.', {
          job: id,
          error: toErrorData(second),
        });
      }
    } finally {
      clearInterval(ticker);
    }
  }

  #kind(job: Job): JobKind {
    const kind = this.#kinds.get(job.kind);
    if (!kind) throw new RangeError(`no job kind ${job.kind}`);
    return kind;
  }

  #live(job: Job): Job {
    return { ...job, progress: this.#running?.id === job.id ? this.#running.run.progress : null };
  }

  #announce(id: string): void {
    const job = this.get(id);
    this.#parts.events.emit({ type: 'job.changed', job });
    try {
      this.#kind(job).changed(job);
    } catch (error) {
      this.#parts.log.error('A job changed, its subject could not.', {
        job: id,
        error: toErrorData(error),
      });
    }
  }
}
