// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../src/shared/errors';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { useJobs } from '../../src/renderer/stores/jobs';
import { useModels } from '../../src/renderer/stores/models';
import { useStatus } from '../../src/renderer/stores/status';
import { useTheme } from '../../src/renderer/stores/theme';
import { appWith, backend, settled } from './support';
import { jobId, jobRecord, modelId, modelRecord, progressRecord, statusRecord } from './records';

describe('pages of images', () => {
  it('are held up to a size, the ones that were looked at last', async () => {
    const { client, calls } = backend({
      'datasets.images': () => ({
        total: 300,
        indices: [0],
        labels: [0],
        pixels: { dtype: 'uint8', shape: [1], data: new Uint8Array(30 * 2 ** 20) },
      }),
    });
    appWith(client);
    const datasets = useDatasets();
    const look = async (offset: number) => {
      const about = { dataset: 'mnist', split: 'train', label: null } as const;
      await datasets.images({ ...about, offset, limit: 30, side: null });
      await settled();
      return calls.length;
    };
    expect([await look(0), await look(30), await look(0)]).toEqual([1, 2, 2]);
    expect([await look(60), await look(90), await look(30)]).toEqual([3, 4, 5]);
  });
});

describe('jobs', () => {
  it('lists newest first and finds the running one', async () => {
    const old = jobRecord({ id: jobId('b'), state: 'done', createdAt: '2025-01-01T00:00:00.000Z' });
    const { client } = backend({ 'jobs.list': () => [old, jobRecord()] });
    appWith(client);
    const jobs = useJobs();
    await jobs.load();
    expect(jobs.jobs.map(({ id }) => id)).toEqual([jobId('a'), jobId('b')]);
    expect(jobs.running?.id).toBe(jobId('a'));
  });

  it('keeps the live part and the samples of the curve', async () => {
    const { client, emit } = backend({ 'jobs.list': () => [jobRecord()] });
    appWith(client);
    const jobs = useJobs();
    await jobs.load();
    emit({
      type: 'job.progress',
      progress: progressRecord({ itemsDone: 1, itemShare: 0.5, share: 0.3, loss: 0.2 }),
    });
    // The same figures again: the epoch is being validated.
    emit({
      type: 'job.progress',
      progress: progressRecord({ itemsDone: 1, itemShare: 0.9, share: 0.35, loss: 0.2 }),
    });
    emit({ type: 'job.progress', progress: progressRecord({ itemsDone: 2, share: 0.4 }) });
    expect(jobs.progressOf(jobRecord())?.share).toBe(0.4);
    expect(jobs.samples[jobId('a')]).toEqual([
      { position: 1.5, stage: 'train', loss: 0.2, accuracy: null },
    ]);
    emit({ type: 'job.changed', job: jobRecord({ state: 'done' }) });
    expect(jobs.running).toBeNull();
  });

  it('asks for the list when it hears of a job that it does not know', async () => {
    const { client, emit, calls } = backend({ 'jobs.list': () => [jobRecord()] });
    appWith(client);
    const jobs = useJobs();
    emit({ type: 'job.progress', progress: progressRecord() });
    await settled();
    expect(calls.map(({ route }) => route)).toEqual(['jobs.list']);
    expect(jobs.byId(jobId('a'))?.title).toBe('Train MNIST');
  });

  it('reads again after a lost connection', async () => {
    const { client, calls, setState } = backend({ 'jobs.list': () => [] });
    appWith(client);
    useJobs();
    setState('lost');
    setState('open');
    await settled();
    expect(calls).toHaveLength(1);
  });
});

describe('models', () => {
  it('adds epochs as they are announced, each once', async () => {
    const training = modelRecord({ state: 'training', validationAccuracy: null });
    const { client, emit } = backend({ 'models.list': () => [training] });
    appWith(client);
    const models = useModels();
    await models.load();
    const epoch = { epoch: 0, loss: 1, trainAccuracy: 0.5, validationAccuracy: 0.6, seconds: 2 };
    emit({ type: 'model.epoch', model: training.id, epoch });
    emit({ type: 'model.epoch', model: training.id, epoch: { ...epoch, loss: 0.9 } });
    expect(models.byId(training.id)?.epochs.map(({ loss }) => loss)).toEqual([0.9]);
    expect(models.ready).toEqual([]);
  });

  it('starts a training and knows its job at once', async () => {
    const { client } = backend({
      'models.train': () => ({ job: jobRecord(), model: modelRecord({ state: 'training' }) }),
    });
    appWith(client);
    const models = useModels();
    const model = await models.train({ dataset: 'mnist' });
    expect(models.byId(model.id)?.state).toBe('training');
    expect(useJobs().running?.subject).toBe(model.id);
  });

  it('keeps a model that core would not remove', async () => {
    const { client } = backend({
      'models.list': () => [modelRecord()],
      'models.remove': () => {
        throw new StudioError({ code: 'conflict', message: 'A run uses it.' });
      },
    });
    appWith(client);
    const models = useModels();
    await models.load();
    await expect(models.remove(modelId('a'))).rejects.toThrow('A run uses it.');
    expect(models.models).toHaveLength(1);
  });
});

describe('status', () => {
  it('follows the engine', async () => {
    let state: 'starting' | 'ready' = 'starting';
    const { client, emit } = backend({ 'app.status': () => statusRecord({ state }) });
    appWith(client);
    const status = useStatus();
    await status.load();
    expect(status.engineReady).toBe(false);
    state = 'ready';
    emit({ type: 'engine.changed', engine: statusRecord().engine });
    expect(status.engineReady).toBe(true);
    await settled();
    expect(status.status?.engine.state).toBe('ready');
  });

  it('keeps the reason why it could not be read', async () => {
    const { client } = backend({});
    appWith(client);
    const status = useStatus();
    await status.load();
    expect(status.error?.message).toContain('app.status');
    expect(status.loaded).toBe(false);
  });
});

describe('theme', () => {
  beforeEach(() => localStorage.clear());
  afterEach(() => document.documentElement.removeAttribute('class'));

  it('takes the stored mode, sets the class and keeps a change', () => {
    localStorage.setItem('studio.theme', 'dark');
    appWith(backend({}).client);
    const theme = useTheme();
    theme.start();
    expect(document.documentElement.classList.contains('dark')).toBe(true);
    theme.set('light');
    expect(document.documentElement.classList.contains('dark')).toBe(false);
    expect(localStorage.getItem('studio.theme')).toBe('light');
  });

  it('takes auto for anything else that was stored', () => {
    localStorage.setItem('studio.theme', 'purple');
    appWith(backend({}).client);
    expect(useTheme().mode).toBe('auto');
  });
});
