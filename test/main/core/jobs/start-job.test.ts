import { expect, it } from 'vitest';
import { type JobKind, Scheduler } from '../../../../src/main/core/jobs/scheduler';
import { coreOn } from '../core-on';
import { temporaryFolder } from '../storage/helpers';

/** A scheduler of jobs that do nothing, and which of them it was told have changed. */
function open() {
  const { core, announced } = coreOn(temporaryFolder());
  const changed: string[] = [];
  const kind: JobKind = {
    kind: 'train',
    recovery: 'resume',
    run: async () => undefined,
    datasets: () => [],
    changed: ({ subject, state }) => void changed.push(`${subject ?? ''} ${state}`),
  };
  return { core, announced, changed, scheduler: new Scheduler(core, [kind]) };
}

const asked = {
  kind: 'train',
  title: 'Train',
  subject: 'thing',
  input: {},
  stages: [{ id: 'train', title: 'Train', items: 1 }],
} as const;

it('writes a job down together with what refers to it, then announces and begins it', () => {
  const { core, announced, changed, scheduler } = open();
  const seen: string[] = [];
  const job = scheduler.start(asked, ({ id, createdAt }) => {
    expect(core.jobs.get(id)).toMatchObject({ title: 'Train', createdAt, state: 'queued' });
    expect(announced).toEqual([]);
    seen.push(id);
  });
  expect(seen).toEqual([job.id]);
  expect(job).toMatchObject({ subject: 'thing', state: 'running', stages: asked.stages });
  expect(changed).toEqual(['thing queued', 'thing running']);
  const second = scheduler.start(asked);
  expect(second.id).not.toBe(job.id);
  expect(second.state).toBe('queued');
});

it('leaves nothing behind where what refers to the job cannot be written', () => {
  const { core, announced, scheduler } = open();
  const refused = () => {
    throw new Error('refused');
  };
  expect(() => scheduler.start(asked, refused)).toThrow('refused');
  expect(core.jobs.list()).toEqual([]);
  expect(announced).toEqual([]);
});
