import { beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../src/shared/errors';
import { type RunRecord, type RunResult } from '../../src/shared/records';
import { type RouteInput } from '../../src/shared/routes';
import { useJobs } from '../../src/renderer/stores/jobs';
import { useRoar } from '../../src/renderer/stores/roar';
import { jobId, jobRecord, runId, runRecord, statusRecord } from './records';
import { appWith, backend, settled } from './support';
import { presetSettings } from '../fixtures/datasets';

const resultOf = (run: RunRecord): RunResult => ({
  run,
  images: [1, 2],
  levels: [],
  retrained: [],
  cuts: [],
  notes: [],
  curves: [],
  claims: [],
  engine: statusRecord().engine,
});

describe('ROAR runs', () => {
  let runs: RunRecord[] = [];
  let refuse = false;
  const started: RouteInput<'roar.start'>[] = [];
  const core = () =>
    backend({
      'roar.list': () => runs,
      'roar.result': ({ run }) => {
        if (refuse) throw new StudioError({ code: 'not-found', message: 'There is no such run.' });
        return resultOf(runs.find(({ id }) => id === run) ?? runRecord());
      },
      'roar.start': (input) => {
        started.push(input);
        return {
          run: runRecord({ id: runId('c'), name: input.name ?? 'unnamed' }),
          job: jobRecord(),
        };
      },
      'roar.rename': ({ run, name }) => runRecord({ id: run, name }),
      'roar.remove': () => ({}),
    });
  const opened = async () => {
    const back = core();
    appWith(back.client);
    const roar = useRoar();
    await roar.load();
    return { roar, ...back };
  };

  beforeEach(() => {
    refuse = false;
    started.length = 0;
    runs = [
      runRecord({ id: runId('b'), job: jobId('b'), createdAt: '2026-01-02T00:00:00.000Z' }),
      runRecord({ createdAt: '2026-01-03T00:00:00.000Z' }),
    ];
  });

  it('are listed newest first', async () => {
    const { roar } = await opened();
    expect(roar.runs.map(({ id }) => id)).toEqual([runId('a'), runId('b')]);
  });

  it('follow their job’s state without asking', async () => {
    const { roar, emit, calls } = await opened();
    await roar.loadResult(runId('a'));
    const before = calls.length;
    emit({ type: 'job.changed', job: jobRecord({ state: 'cancelled', subject: runId('a') }) });
    expect(roar.runs[0]?.state).toBe('cancelled');
    expect(roar.resultOf(runId('a'))?.run.state).toBe('cancelled');
    expect(calls).toHaveLength(before);
  });

  it('are read again when core announces more levels, where they are looked at', async () => {
    const { roar, emit, calls } = await opened();
    await roar.loadResult(runId('a'));
    const results = () => calls.filter(({ route }) => route === 'roar.result').length;
    runs = [{ ...runRecord(), state: 'done' }];
    emit({ type: 'run.changed', run: runId('b') });
    await settled();
    expect(results()).toBe(1);
    emit({ type: 'run.changed', run: runId('a') });
    await settled();
    expect(results()).toBe(2);
    expect(roar.resultOf(runId('a'))?.run.state).toBe('done');
  });

  it('keep why a result cannot be read, until it can', async () => {
    const { roar } = await opened();
    refuse = true;
    await roar.loadResult(runId('a'));
    expect(roar.failureOf(runId('a'))?.message).toBe('There is no such run.');
    refuse = false;
    await roar.loadResult(runId('a'));
    expect(roar.failureOf(runId('a'))).toBeNull();
    expect(roar.resultOf(runId('a'))?.images).toEqual([1, 2]);
  });

  it('start with a copy of the edited settings and are known at once, with their job', async () => {
    const { roar } = await opened();
    roar.edit(presetSettings('paper'));
    roar.draft.images = 77;
    const run = await roar.start(roar.draft, 'Mine');
    roar.draft.images = 1;
    expect(started[0]?.settings.images).toBe(77);
    expect(roar.runs.some(({ id }) => id === run.id)).toBe(true);
    expect(useJobs().byId(jobId('a'))).not.toBeNull();
    // A preset is copied: editing it leaves the preset as it was.
    expect(presetSettings('paper').images).toBe(500);
  });

  it('are renamed and removed', async () => {
    const { roar } = await opened();
    await roar.loadResult(runId('a'));
    await roar.rename(runId('a'), 'Another name');
    expect(roar.runs.map(({ name }) => name)).toContain('Another name');
    expect(roar.resultOf(runId('a'))?.run.name).toBe('Another name');
    await roar.remove(runId('a'));
    expect(roar.runs.map(({ id }) => id)).toEqual([runId('b')]);
    expect(roar.resultOf(runId('a'))).toBeNull();
  });

  it('are read anew after a lost connection', async () => {
    const { roar, setState, calls } = await opened();
    await roar.loadResult(runId('b'));
    const before = calls.length;
    setState('lost');
    setState('open');
    await settled();
    expect(calls.slice(before).map(({ route }) => route)).toEqual(
      expect.arrayContaining(['roar.list', 'roar.result']),
    );
  });
});
