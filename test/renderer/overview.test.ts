// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { roarPresets, roarSettingsSchema } from '../../src/shared/catalogue/roar';
import { type ModelRecord, type RunRecord, type Status } from '../../src/shared/records';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import { useJobs } from '../../src/renderer/stores/jobs';
import { useModels } from '../../src/renderer/stores/models';
import { useStatus } from '../../src/renderer/stores/status';
import NextSteps from '../../src/renderer/views/overview/NextSteps.vue';
import { type Backend, backend, settled } from './support';
import { jobId, jobRecord, modelId, modelRecord, runId, statusRecord } from './records';

const quick =
  roarPresets.find(({ id }) => id === 'quick')?.settings ?? roarSettingsSchema.parse({});
const run: RunRecord = {
  id: runId('a'),
  name: 'Quick ROAR on MNIST',
  settings: quick,
  state: 'queued',
  job: jobId('a'),
  createdAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  seconds: 0,
};

async function open(
  options: { engine?: Partial<Status['engine']>; models?: ModelRecord[]; runs?: RunRecord[] } = {},
) {
  const wire = backend({
    'app.status': () => statusRecord(options.engine),
    'models.list': () => options.models ?? [],
    'jobs.list': () => [],
    'roar.forecast': () => ({
      stages: [],
      seconds: 185,
      bytes: 0,
      freeBytes: 1,
      measuredOn: 'this machine',
    }),
    'roar.start': () => ({
      run,
      job: jobRecord({ kind: 'roar', title: run.name, subject: run.id, state: 'queued' }),
    }),
    'models.train': () => ({
      job: jobRecord({ title: 'Train MNIST t = 0.0' }),
      model: modelRecord({ state: 'training' }),
    }),
  });
  const router = createStudioRouter(createMemoryHistory());
  const wrapper = mount(NextSteps, {
    props: { runs: options.runs ?? [], runsLoaded: true },
    global: { plugins: [createPinia(), router], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  await Promise.all([useStatus().load(), useModels().load(), useJobs().load()]);
  await settled();
  return { wire, wrapper, router };
}

const called = (wire: Backend, route: string) => wire.calls.find((call) => call.route === route);

describe('what to do next', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('offers the quick run with its forecast, starts it and goes there', async () => {
    const { wire, wrapper, router } = await open();
    expect(wrapper.text()).toContain('About 3 min 05 s on this machine.');
    const start = wrapper.findAll('button').find((button) => button.text() === 'Run quick ROAR');
    await start?.trigger('click');
    await settled();
    await router.isReady();
    expect(called(wire, 'roar.start')?.input).toMatchObject({ settings: quick });
    expect(useJobs().running?.subject).toBe(run.id);
    expect(router.currentRoute.value.params['run']).toBe(run.id);
  });

  it('trains the quick run’s own base model where there is none to make maps with', async () => {
    const { wire, wrapper } = await open();
    const train = wrapper.findAll('button').find((b) => b.text() === 'Train a quick model');
    await train?.trigger('click');
    await settled();
    expect(called(wire, 'models.train')?.input).toMatchObject({
      dataset: 'mnist',
      recipe: quick.recipe,
      removalSeed: quick.seed,
    });
    expect(wrapper.text()).toContain('Watch the training');
  });

  it('opens maps with the newest model of unharmed images', async () => {
    const { wrapper } = await open({ models: [modelRecord({ name: 'My model' })] });
    const link = wrapper.findAll('a').find((anchor) => anchor.text() === 'Open Maps');
    expect(link?.attributes('href')).toContain(`/maps?model=${modelId('a')}`);
    expect(wrapper.text()).toContain('My model');
  });

  it('offers the paper’s protocol after a finished run', async () => {
    const { wrapper } = await open({ runs: [{ ...run, state: 'done' }] });
    expect(wrapper.text()).toContain('Run the paper’s protocol');
  });

  it('says how to bring the engine back, and starts nothing without it', async () => {
    const { wrapper } = await open({
      engine: {
        state: 'unavailable',
        available: false,
        reason: 'The addon is missing.',
        remedy: 'Run the set-up again.',
      },
    });
    expect(wrapper.text()).toContain('The addon is missing. To mend it: Run the set-up again.');
    const enabled = wrapper.findAll('button').filter((b) => b.attributes('disabled') === undefined);
    expect(enabled).toEqual([]);
  });
});
