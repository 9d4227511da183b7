// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { type Experiment } from '../../src/shared/experiments';
import { type ModelRecord, type RunRecord, type Status } from '../../src/shared/records';
import { type StudyRecord } from '../../src/shared/ratings/study';
import { clientKey } from '../../src/renderer/api/client';
import QuestionDialog from '../../src/renderer/components/frame/QuestionDialog.vue';
import { createStudioRouter } from '../../src/renderer/router';
import { useJobs } from '../../src/renderer/stores/jobs';
import { useModels } from '../../src/renderer/stores/models';
import { useStatus } from '../../src/renderer/stores/status';
import BackupCard from '../../src/renderer/views/overview/BackupCard.vue';
import NextSteps from '../../src/renderer/views/overview/NextSteps.vue';
import { experimentRecord } from './experiment-records';
import { type Backend, backend, settled } from './support';
import { jobId, jobRecord, modelId, modelRecord, runId, statusRecord } from './records';
import { studyRecord } from './study-records';
import { presetSettings } from '../fixtures/datasets';

const quick = presetSettings('quick');
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
  options: {
    engine?: Partial<Status['engine']>;
    models?: ModelRecord[];
    runs?: RunRecord[];
    studies?: StudyRecord[];
    experiments?: Experiment[];
  } = {},
) {
  const wire = backend({
    'app.status': () => statusRecord(options.engine),
    'models.list': () => options.models ?? [],
    'jobs.list': () => [],
    'experiments.list': () => options.experiments ?? [],
    'studies.list': () => options.studies ?? [],
    'roar.forecast': () => ({
      stages: [],
      seconds: 185,
      bytes: 0,
      workers: null,
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

  it('offers a rating study once there is a model, then leads to the one that waits', async () => {
    const none = await open();
    expect(none.wrapper.text()).not.toContain('Make a rating study');
    const { wrapper } = await open({ models: [modelRecord()] });
    expect(wrapper.text()).toContain('Make a rating study');
    const link = wrapper.findAll('a').find((anchor) => anchor.text() === 'New study');
    expect(link?.attributes('href')).toBe('/studies/new');
    const waiting = await open({
      models: [modelRecord()],
      studies: [studyRecord({ name: 'Mine', state: 'open', raters: 3, ratings: 12 })],
    });
    expect(waiting.wrapper.text()).toContain('Mine is open: 3 raters, 12 ratings so far.');
  });

  it('offers to reproduce the paper after a finished run, then leads to what was begun', async () => {
    const { wrapper } = await open({ runs: [{ ...run, state: 'done' }] });
    const link = wrapper.findAll('a').find((anchor) => anchor.text() === 'Reproduce the paper');
    expect(link?.attributes('href')).toBe('/paper');
    const begun = experimentRecord({ name: 'All three' });
    const again = await open({ runs: [{ ...run, state: 'done' }], experiments: [begun] });
    expect(again.wrapper.text()).toContain('All three: Figs. 2 to 4');
    const opened = again.wrapper.findAll('a').find((anchor) => anchor.text() === 'Open it');
    expect(opened?.attributes('href')).toBe(`/paper/${begun.id}`);
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

describe('backups', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });
  const backup = (day: number) => ({
    ...{ path: `/data/backups/${day}.sqlite`, bytes: 2048, createdAt: `2026-01-0${day}T08:00:00Z` },
  });

  async function openCard() {
    const list = [backup(1), backup(2)];
    const wire = backend({
      'backup.list': () => list,
      'backup.create': () => {
        list.push(backup(3));
        return backup(3);
      },
      'backup.restore': () => ({ kept: '/data/kept.sqlite' }),
    });
    const parts = {
      global: { plugins: [createPinia()], provide: { [clientKey as symbol]: wire.client } },
      attachTo: document.body,
    };
    const wrapper = mount(BackupCard, parts);
    mount(QuestionDialog, parts);
    await settled();
    const press = async (text: string) => {
      await wrapper
        .findAll('button')
        .find((button) => button.text() === text)
        ?.trigger('click');
      await settled();
    };
    return { wire, wrapper, press };
  }

  it('are listed newest first and made by hand', async () => {
    const { wrapper, press } = await openCard();
    expect(wrapper.findAll('li').map((item) => item.text())).toEqual([
      expect.stringContaining('2.sqlite'),
      expect.stringContaining('1.sqlite'),
    ]);
    await press('Back up now');
    expect(wrapper.findAll('li')).toHaveLength(3);
  });

  it('are restored only after a yes, and then a restart is asked for', async () => {
    const { wire, wrapper, press } = await openCard();
    await press('Restore');
    expect(called(wire, 'backup.restore')).toBeUndefined();
    expect(document.body.textContent).toContain('What is there now is kept as a copy.');
    document.querySelector('dialog form')?.dispatchEvent(new Event('submit'));
    await vi.waitFor(() => expect(wrapper.text()).toContain('Restart Saliency Studio'));
    expect(called(wire, 'backup.restore')?.input).toEqual({ path: '/data/backups/2.sqlite' });
    expect(wrapper.text()).toContain('/data/kept.sqlite');
  });
});
