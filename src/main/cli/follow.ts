import { type Job, type JobState, waitingForWorker } from '../../shared/jobs';
import { isOfOtherEngine, StudioError } from '../../shared/errors';
import { type App } from '../core/app';
import { type CommandContext } from './context';
import { progressDisplay, progressLine } from './progress';

const ended: ReadonlySet<JobState> = new Set<JobState>(['cancelled', 'parked', 'failed', 'done']);

/** What a job failed with: whatever its code, the command line was not at fault. */
export class JobFailed extends StudioError {}

/**
 * Start or take up a job and follow it to its end. An interruption cancels it cooperatively: what is
 * done stays done. Throws what the job failed with; answers with the job done or cancelled.
 */
export async function followJob(
  context: CommandContext,
  app: App,
  start: () => Promise<Job>,
): Promise<Job> {
  const { world, say } = context;
  const display = progressDisplay(world);
  let watched: string | null = null;
  let finish: (job: Job) => void = () => undefined;
  const end = new Promise<Job>((resolve) => {
    finish = resolve;
  });
  const early: Job[] = [];
  const see = (job: Job) => {
    if (job.id === watched && ended.has(job.state)) finish(job);
  };
  const stop = app.subscribe((event) => {
    if (event.type === 'job.progress' && event.progress.job === watched) {
      display.show(progressLine(event.progress));
      if (event.progress.item === waitingForWorker) void tellWhy();
    }
    if (event.type !== 'job.changed') return;
    if (watched === null) early.push(event.job);
    else see(event.job);
  });
  let [told, asking]: [string | null, boolean] = [null, false];
  /** Why nobody is at it, once as long as it is the same. */
  const tellWhy = async () => {
    if (asking) return;
    asking = true;
    const { waiting } = await app.api.call('machines.get', {}).catch(() => ({ waiting: null }));
    asking = false;
    if (waiting === null || waiting === told) return;
    told = waiting;
    display.end();
    say(waiting);
  };
  const cancel = () => {
    display.end();
    say('Stopping at a safe point… (again to stop at once)');
    if (watched !== null) app.api.call('jobs.cancel', { job: watched }).catch(() => undefined);
  };
  try {
    const job = await start();
    watched = job.id;
    for (const known of [...early, job]) see(known);
    if (world.signal.aborted) cancel();
    else world.signal.addEventListener('abort', cancel, { once: true });
    const last = await end;
    if (last.state === 'failed') {
      throw new JobFailed(
        last.error ?? { code: 'internal', message: `${last.title} failed without a reason.` },
      );
    }
    return last;
  } finally {
    world.signal.removeEventListener('abort', cancel);
    stop();
    display.end();
  }
}

/**
 * Go on with a job that exists and follow it to its end. Where another engine began it, or an earlier
 * version, says so and follows what `begin` starts in its place.
 */
export function goOnOrBegin(
  context: CommandContext,
  app: App,
  job: string,
  begin: () => Promise<Job>,
): Promise<Job> {
  return followJob(context, app, () => resumeStopped(app, job)).catch((error: unknown) => {
    if (!(error instanceof JobFailed) || !isOfOtherEngine(error.data)) throw error;
    context.say(`${error.message} Starting anew.`);
    return followJob(context, app, begin);
  });
}

/** Resume it, unless the app's start has done so already. */
async function resumeStopped(app: App, id: string): Promise<Job> {
  const job = await app.api.call('jobs.get', { job: id });
  return ended.has(job.state) ? app.api.call('jobs.resume', { job: id }) : job;
}
