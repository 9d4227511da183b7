// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { leaveForAnnotators } from '../../src/renderer/annotator';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { useModels } from '../../src/renderer/stores/models';
import { useStatus } from '../../src/renderer/stores/status';
import { useStudies } from '../../src/renderer/stores/studies';
import StudiesView from '../../src/renderer/views/studies/StudiesView.vue';
import { type ModelRecord, type RunRecord } from '../../src/shared/records';
import { type StudyRecord } from '../../src/shared/ratings/study';
import { modelId, modelRecord, runId, runRecord, statusRecord } from './records';
import { previewRecord, raterRecord, studyId, studyRecord } from './study-records';
import { backend } from './support';

interface World {
  readonly studies?: StudyRecord[];
  readonly models?: ModelRecord[];
  readonly runs?: RunRecord[];
}

async function open(path: string, world: World = {}) {
  const { studies = [], models = [], runs = [] } = world;
  const wire = backend({
    'app.status': () => statusRecord(),
    'datasets.list': () => [],
    'datasets.images': () => {
      throw new Error('no pictures here');
    },
    'jobs.list': () => [],
    'methods.list': () => [],
    'models.list': () => models,
    'roar.list': () => runs,
    'roar.result': ({ run: id }) => ({
      run: runs.find((run) => run.id === id) ?? runRecord(),
      images: [],
      levels: [
        {
          ...{ level: 0, model: modelId('a'), validationAccuracy: 0.9, paperAccuracy: null },
          ...{ epochs: 1, seconds: 1, reused: false },
        },
      ],
      retrained: [],
      cuts: [],
      notes: [],
      curves: [],
      claims: [],
      engine: statusRecord().engine,
    }),
    'studies.list': () => studies,
    'studies.preview': () => previewRecord({ warnings: ['Repeats do not fit.'] }),
    'raters.list': () => [raterRecord({ code: 'anna' })],
  });
  const router = createStudioRouter(createMemoryHistory());
  await router.push(path);
  const wrapper = mount(StudiesView, {
    global: { plugins: [createPinia(), router], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  const stores = [useStatus(), useDatasets(), useModels(), useStudies()];
  await Promise.all(stores.map((store) => store.load()));
  await flushPromises();
  return { wire, wrapper, router, store: useStudies() };
}

const linkOf = (wrapper: Awaited<ReturnType<typeof open>>['wrapper'], text: string) =>
  wrapper.findAll('a').find((anchor) => anchor.text() === text);

describe('the Studies view', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('says which names look alike, by their code points', async () => {
    const { wrapper } = await open('/studies', {
      studies: [
        studyRecord({ id: studyId('a'), name: 'Pilot' }),
        studyRecord({ id: studyId('b'), name: 'Pilot\u200b' }),
        studyRecord({ id: studyId('c'), name: 'Another', version: 1 }),
        studyRecord({ id: studyId('d'), name: 'Another', version: 2 }),
      ],
    });
    const notes = wrapper.findAll('[role="note"]').map((note) => note.text());
    expect(notes).toEqual([
      '2 studies look alike and are kept apart: Pilot (Pilot), Pilot\u200b (Pilot[U+200B]). The code points in brackets tell them apart.',
    ]);
    const links = wrapper.findAll('td.fills').map((cell) => cell.text());
    expect(links).toEqual(['Pilot (Pilot)', 'Pilot\u200b (Pilot[U+200B])', 'Another', 'Another']);
  });

  it('says what a study is and what is missing where there is none', async () => {
    const { wrapper } = await open('/studies');
    expect(wrapper.text()).toContain('No studies yet');
    expect(wrapper.text()).toContain('the first step offers to train one');
  });

  it('lists studies with their results, and the draft that was left', async () => {
    const { wrapper, store } = await open('/studies', {
      studies: [
        studyRecord({ name: 'Mine', state: 'closed', ratings: 40, raters: 2 }),
        studyRecord({ id: studyId('b'), name: 'Other' }),
      ],
      models: [modelRecord()],
    });
    expect(linkOf(wrapper, 'Mine')?.attributes('href')).toBe(`/studies/${studyId('a')}`);
    expect(wrapper.findAll('a').filter((anchor) => anchor.text() === 'Results')).toHaveLength(1);
    expect(wrapper.text()).not.toContain('Unfinished');
    store.draft.name = 'Half done';
    await flushPromises();
    expect(wrapper.text()).toContain('Unfinished: Half done');
  });

  it('fills a new study with the newest model, and the run that explains it with its parameters', async () => {
    const other = runRecord({ id: runId('b'), state: 'done', createdAt: '2026-01-01T00:00:00Z' });
    const { wrapper, store } = await open('/studies/new', {
      models: [modelRecord({ name: 'Newest' })],
      runs: [runRecord({ state: 'done', createdAt: '2026-01-05T00:00:00Z' }), other],
    });
    expect(store.draft.config.datasets).toEqual([
      {
        ...{ dataset: 'mnist', model: modelId('a'), run: runId('a') },
        images: { kind: 'sampled', count: 10, seed: 0 },
      },
    ]);
    expect(store.draft.config.parameters.n).toBe(5);
    expect(store.draft.name).toBe('MNIST ratings');
    // What was filled in is no draft that anybody could miss.
    expect(store.hasDraft).toBe(false);
    await vi.waitFor(() => expect(wrapper.text()).toContain('103 trials, 206 labels'));
    expect(wrapper.text()).toContain('About 20 min 36 s');
    expect(wrapper.text()).toContain('Repeats do not fit.');
    store.pace = 3;
    await flushPromises();
    expect(wrapper.text()).toContain('About 10 min 18 s');
  });

  it('says beside the run that its maps were made otherwise, and takes its parameters', async () => {
    const { wrapper, store } = await open('/studies/new', {
      models: [modelRecord()],
      runs: [runRecord({ state: 'done' })],
    });
    store.draft.config.parameters.n = 30;
    await flushPromises();
    expect(wrapper.text()).toContain('This run made its maps of SmoothGrad');
    const take = wrapper.findAll('button').find((b) => b.text() === 'Use the run’s parameters');
    await take?.trigger('click');
    expect(store.draft.config.parameters.n).toBe(5);
    expect(wrapper.text()).not.toContain('This run made its maps');
  });

  it('offers a quick training where there is no model, and asks for no preview', async () => {
    const { wrapper, wire } = await open('/studies/new');
    expect(wrapper.text()).toContain('No trained model yet.');
    expect(wrapper.text()).toContain('Data: ');
    expect(wire.calls.map(({ route }) => route)).not.toContain('studies.preview');
  });

  it('shows what an open study waits for, and its raters', async () => {
    const { wrapper } = await open(`/studies/${studyId('a')}`, {
      studies: [studyRecord({ state: 'open', raters: 1 })],
      models: [modelRecord()],
    });
    expect(wrapper.text()).toContain('Open for rating');
    expect(wrapper.text()).toContain('Start annotator mode on this screen');
    expect(wrapper.find('th[scope="row"]').text()).toBe('anna');
    expect(wrapper.text()).toContain('the server listens to it alone');
  });

  it('goes back to the list from an edit that went with the page', async () => {
    const { router } = await open('/studies/edit', { studies: [studyRecord()] });
    await flushPromises();
    expect(router.currentRoute.value.params['study']).toBeFalsy();
  });

  it('says so where there is no such study', async () => {
    const { wrapper } = await open(`/studies/${studyId('z')}`);
    expect(wrapper.text()).toContain('There is no such study');
  });
});

describe('leaving for annotators', () => {
  it('loads the page anew in a browser, and leaves the desktop’s window to its shell', () => {
    const assign = vi.fn();
    leaveForAnnotators({ assign }, true);
    expect(assign).not.toHaveBeenCalled();
    leaveForAnnotators({ assign }, false);
    expect(assign).toHaveBeenCalledExactlyOnceWith('/');
  });
});
