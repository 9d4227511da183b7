// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, type Pinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { createMemoryHistory } from 'vue-router';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import { useCatalogues } from '../../src/renderer/stores/catalogues';
import { useRoar } from '../../src/renderer/stores/roar';
import NewRun from '../../src/renderer/views/evaluation/NewRun.vue';
import RunPage from '../../src/renderer/views/evaluation/RunPage.vue';
import { builtInMethods } from '../../src/shared/catalogue/methods';
import { type RunResult } from '../../src/shared/records';
import { presetSettings } from '../fixtures/datasets';
import { standInCatalogues } from '../fixtures/stand-ins/catalogues';
import { centreDescriptor } from '../fixtures/stand-ins/metric';
import { modelId, runRecord, statusRecord } from './records';
import { type Backend, backend, settled } from './support';

afterEach(() => {
  document.body.innerHTML = '';
});

const settings = {
  ...presetSettings('quick', 'mnist'),
  protocol: centreDescriptor.id,
  levels: [0],
  methods: ['sobel', 'random'],
  metric: { side: 14 },
};
const run = runRecord({ name: 'Centred', settings, state: 'done' });
const result: RunResult = {
  run,
  images: [1, 2],
  levels: [
    {
      level: 0,
      model: modelId('a'),
      validationAccuracy: 0.9,
      paperAccuracy: null,
      epochs: 2,
      seconds: 10,
      reused: false,
    },
  ],
  retrained: [],
  cuts: [],
  notes: [],
  curves: [],
  values: settings.methods
    .flatMap((id) => builtInMethods.find((method) => method.id === id) ?? [])
    .map((method, i) => ({
      method,
      mean: 0.6 - i / 4,
      low: 0.5 - i / 4,
      high: 0.7 - i / 4,
      n: 20,
      advantage: 0.3 - i / 4,
      advantageLow: 0.2 - i / 4,
      advantageHigh: 0.4 - i / 4,
      rank: 1 + i,
      tiedWith: [],
    })),
  claims: [],
  engine: statusRecord().engine,
};

async function page(): Promise<{ wire: Backend; pinia: Pinia; global: object }> {
  const wire = backend({
    'app.catalogues': () => ({
      operators: [...standInCatalogues.operators.operators],
      networks: standInCatalogues.networks.describe(),
      metrics: [...standInCatalogues.metrics.list],
    }),
    'roar.list': () => [run],
    'roar.result': () => result,
    'jobs.list': () => [],
  });
  const pinia = createPinia();
  const router = createStudioRouter(createMemoryHistory());
  const global = {
    plugins: [pinia, router],
    provide: { [clientKey as symbol]: wire.client },
    // Charts draw on a canvas, which this page does not have.
    stubs: { VChart: true, echarts: true, Echarts: true },
  };
  await router.push('/');
  const app = mount({ template: '<div />' }, { global });
  await useCatalogues(pinia).load();
  app.unmount();
  await nextTick();
  return { wire, pinia, global };
}

const text = (raw: string) => raw.replaceAll(/\s+/g, ' ');

describe('a metric that was added', () => {
  it('is chosen in the form, which shows its own settings and no levels', async () => {
    const { global, pinia } = await page();
    const wrapper = mount(NewRun, { global, attachTo: document.body });
    const cards = wrapper.findAll('input[type="radio"]');
    const card = cards.find((each) =>
      each.attributes('aria-describedby')?.endsWith('centre-share'),
    );
    await card?.trigger('change');
    await settled();
    const { draft } = useRoar(pinia);
    expect(draft).toMatchObject({ protocol: 'centre-share', levels: [0], images: 20 });
    expect(text(wrapper.text())).toContain('20 of 500 images, 5 of 15 noisy samples');
    expect(text(wrapper.text())).toContain('Its numbers are a look.');
    expect(text(wrapper.text())).toContain('1 model; 2 epochs on 6,000 images');
    await wrapper.findAll('.el-collapse-item__header')[0]?.trigger('click');
    await settled();
    const label = wrapper.findAll('label').find((each) => each.text() === 'Side of the square');
    const field = wrapper.get(`[id="${label?.attributes('for') ?? ''}"]`);
    expect((field.element as HTMLInputElement).value).toBe('14');
    await field.setValue('8');
    expect(useRoar(pinia).draft.metric).toEqual({ side: 8 });
    expect(text(wrapper.text())).not.toContain('Levels');
    // Another metric has its own.
    const paper = cards.find((each) => each.attributes('aria-describedby')?.endsWith('-paper'));
    await paper?.trigger('change');
    expect(useRoar(pinia).draft).toMatchObject({
      protocol: 'paper',
      levels: [0, 0.1, 0.3, 0.5, 0.7, 0.9],
    });
    expect(useRoar(pinia).draft).not.toHaveProperty('metric');
  });

  it('has a page of its values, with a table and its own files', async () => {
    const { global, pinia } = await page();
    await useRoar(pinia).load();
    const wrapper = mount(RunPage, { props: { run: run.id }, global, attachTo: document.body });
    await settled();
    const shown = text(wrapper.text());
    expect(shown).toContain('MNIST, centre share');
    expect(shown).toContain('advantage = mean of the method − mean of random (larger is better)');
    expect(shown).toContain(centreDescriptor.words.caption);
    expect(shown).not.toContain('Degraded images');
    expect(shown).not.toContain('The paper’s claims');
    expect(wrapper.get('[role="img"]').attributes('aria-label')).toContain(
      'Share in the centre by method',
    );
    const rows = wrapper.findAll('tr[data-method]');
    expect(rows.map((row) => row.attributes('data-method'))).toEqual(['sobel', 'random']);
    expect(rows[0]?.text()).toContain('0.3');
  });
});
