import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RunsRepository } from '../../../../src/main/core/evaluation/runs-repository';
import { JobsRepository } from '../../../../src/main/core/jobs/jobs-repository';
import { at, id, memoryDatabase, newJob, newRun, sha } from '../storage/helpers';

const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });

describe('jobs', () => {
  it('come back as they were stored, queued', () => {
    const jobs = new JobsRepository(memoryDatabase());
    jobs.insert(newJob('a'));
    const empty = { done: 0, reused: 0, seconds: 0 };
    expect(jobs.get(id('job', 'a'))).toEqual({
      id: id('job', 'a'),
      kind: 'roar',
      title: 'ROAR on MNIST',
      state: 'queued',
      subject: id('run', 'a'),
      stages: [
        { id: 'train', title: 'Train', items: 2, ...empty },
        { id: 'maps', title: 'Maps', items: 3, ...empty },
      ],
      progress: null,
      error: null,
      attempt: 0,
      createdAt: at(1),
      startedAt: null,
      finishedAt: null,
    });
    expect(jobs.get(id('job', 'b'))).toBeUndefined();
  });

  it('read their input with the schema of their kind', () => {
    const jobs = new JobsRepository(memoryDatabase());
    jobs.insert(newJob('a'));
    const schema = z.object({ settings: z.object({ images: z.int() }) });
    expect(jobs.input(id('job', 'a'), schema)).toEqual({ settings: { images: 50 } });
    expect(() => jobs.input(id('job', 'a'), z.object({ model: z.string() }))).toThrow(
      code('invalid-input'),
    );
    expect(() => jobs.input(id('job', 'b'), schema)).toThrow(code('not-found'));
  });

  it('go through their states, counting attempts', () => {
    const jobs = new JobsRepository(memoryDatabase());
    const job = id('job', 'a');
    jobs.insert(newJob('a'));
    jobs.start(job, at(2));
    expect(jobs.get(job)).toMatchObject({ state: 'running', attempt: 1, startedAt: at(2) });
    jobs.setState(job, 'cancelling');
    jobs.finish(job, 'failed', at(3), { code: 'engine-failed', message: 'It stopped.' });
    expect(jobs.get(job)).toMatchObject({
      state: 'failed',
      finishedAt: at(3),
      error: { code: 'engine-failed', message: 'It stopped.' },
    });
    jobs.start(job, at(4));
    expect(jobs.get(job)).toMatchObject({
      state: 'running',
      attempt: 2,
      startedAt: at(2),
      finishedAt: null,
      error: null,
    });
  });

  it('are listed newest first, and executed oldest first', () => {
    const jobs = new JobsRepository(memoryDatabase());
    for (const [letter, second] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const) {
      jobs.insert(newJob(letter, { createdAt: at(second) }));
    }
    jobs.start(id('job', 'b'), at(4));
    const letters = (list: { id: string }[]) => list.map((job) => job.id.at(-1)).join('');
    expect(letters(jobs.list())).toBe('cba');
    expect(letters(jobs.inState('queued'))).toBe('ac');
    expect(letters(jobs.inState('queued', 'running'))).toBe('abc');
  });

  it('keep what is done, with what it made, once', () => {
    const jobs = new JobsRepository(memoryDatabase());
    const job = id('job', 'a');
    jobs.insert(newJob('a'));
    const first = {
      item: 'smoothgrad/0',
      artifacts: [sha('b'), sha('a')],
      reused: false,
      seconds: 2.5,
      finishedAt: at(2),
    };
    const second = { ...first, item: 'smoothgrad/1', artifacts: [], reused: true, seconds: 0 };
    jobs.finishItem(job, 'maps', first);
    jobs.finishItem(job, 'maps', second);
    expect(() => jobs.finishItem(job, 'maps', first)).toThrow(code('conflict'));
    expect(() => jobs.finishItem(job, 'no stage', first)).toThrow(code('conflict'));
    expect(jobs.item(job, 'maps', 'smoothgrad/0')).toEqual(first);
    expect(jobs.item(job, 'maps', 'smoothgrad/2')).toBeUndefined();
    expect([...jobs.doneItems(job, 'maps').values()]).toEqual([first, second]);
    jobs.setItems(job, 'maps', 2);
    expect(jobs.stages(job)[1]).toEqual({
      id: 'maps',
      title: 'Maps',
      items: 2,
      done: 2,
      reused: 1,
      seconds: 2.5,
    });
  });

  it('are not removed while a run names them', () => {
    const database = memoryDatabase();
    const jobs = new JobsRepository(database);
    jobs.insert(newJob('a'));
    new RunsRepository(database).insert(newRun('a'));
    expect(() => jobs.remove(id('job', 'a'))).toThrow(code('conflict'));
    new RunsRepository(database).remove(id('run', 'a'));
    expect(jobs.list()).toEqual([]);
  });
});
