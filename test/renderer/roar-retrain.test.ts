// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { builtInMethods } from '../../src/shared/catalogue/methods';
import { type RetrainedModel, type RunResult } from '../../src/shared/records';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import { useRoar } from '../../src/renderer/stores/roar';
import RunPage from '../../src/renderer/views/evaluation/RunPage.vue';
import { curveRecord, modelId, runId, runRecord, statusRecord } from './records';
import { backend, settled } from './support';
import { presetSettings } from '../fixtures/datasets';

const settings = presetSettings('quick', 'cifar10', 'keep-and-retrain');
const run = runRecord({ name: 'Kept', settings, state: 'done' });

const accuracy = (method: string | null, level: number) =>
  0.9 - level * (method === 'guided-backprop' ? 0.1 : 0.3);
const retrained: RetrainedModel[] = [0, 1].flatMap((repetition) => [
  { method: null, level: 0, repetition, accuracy: 0.9, seconds: 10 },
  ...settings.methods.flatMap((method) =>
    settings.levels
      .filter((level) => level > 0)
      .map((level) => ({
        method,
        level,
        repetition,
        accuracy: accuracy(method, level),
        seconds: 10,
      })),
  ),
]);
const result: RunResult = {
  run,
  images: [1, 2],
  levels: [
    {
      ...{ level: 0, model: modelId('a'), validationAccuracy: 0.9, paperAccuracy: null },
      ...{ epochs: 3, seconds: 10, reused: true },
    },
  ],
  // One is still to come.
  retrained: retrained.slice(0, -1),
  cuts: ['2 of 5 repetitions'],
  notes: [],
  curves: builtInMethods
    .filter(({ id }) => settings.methods.includes(id))
    .map((method) => {
      const curve = curveRecord(method, settings.levels, (level) => accuracy(method.id, level));
      return { ...curve, points: curve.points.map((point) => ({ ...point, spread: 0.004 })) };
    }),
  claims: [],
  engine: statusRecord().engine,
};

describe('the page of a run that retrains', () => {
  let wrapper: VueWrapper;
  const text = (raw: string) => raw.replaceAll(/\s+/g, ' ');

  async function open(): Promise<void> {
    const wire = backend({
      'roar.list': () => [run],
      'roar.result': () => result,
      'jobs.list': () => [],
    });
    const router = createStudioRouter(createMemoryHistory());
    await router.push(`/roar/${run.id}`);
    wrapper = mount(RunPage, {
      props: { run: runId('a') },
      global: {
        plugins: [createPinia(), router],
        provide: { [clientKey as symbol]: wire.client },
        // Charts draw on a canvas, which this page does not have.
        stubs: { RoarPanel: true },
      },
      attachTo: document.body,
    });
    await useRoar().load();
    await settled();
  }
  const part = async (name: string): Promise<string> => {
    const tab = wrapper.findAll('[role="tab"]').find((each) => each.text() === name);
    await tab?.trigger('click');
    await settled();
    return text(wrapper.find('[role="tabpanel"]').text());
  };

  afterEach(() => {
    wrapper.unmount();
    document.body.innerHTML = '';
  });

  it('has the parts that its protocol has, and says what it measures', async () => {
    await open();
    expect(wrapper.findAll('[role="tab"]').map((tab) => tab.text())).toEqual([
      ...['Figure and table', 'Models', 'Compare', 'Settings'],
    ]);
    const page = text(wrapper.text());
    expect(page).toContain('not the protocol in full: 2 of 5 repetitions.');
    expect(page).toContain(
      'CIFAR-10, keep and retrain · 500 images, 3 levels, 4 methods, 2 repeti',
    );
    expect(page).toContain('higher is better: what it kept was enough');
    expect(page).toContain('advantage = area of the method − area of random');
    expect(page).toContain('Bold: the highest of the level.');
  });

  it('gives the accuracy of each method and level with its spread, the best of a level bold', async () => {
    await open();
    const table = wrapper.find('[aria-label="Accuracy by method and level"]');
    const row = (id: string) =>
      table.findAll(`[data-method="${id}"] td`).map((cell) => text(cell.text()));
    expect(row('guided-backprop')).toEqual(['90.0 ± 0.4', '85.0 ± 0.4', '81.0 ± 0.4']);
    expect(table.findAll('.best').map((cell) => text(cell.text()))).toEqual([
      ...['85.0 ± 0.4', '81.0 ± 0.4'],
    ]);
  });

  it('shows every model of the grid, and which is still to come', async () => {
    await open();
    const models = await part('Models');
    expect(models).toContain('17 of 18 models trained');
    expect(models).toContain('The base model (90.00%, reused from an earlier run)');
    const cells = wrapper.findAll('[role="tabpanel"] tbody ul');
    expect(cells).toHaveLength(4 * 2);
    expect(cells[0]?.attributes('aria-label')).toBe('Vanilla Gradient, t = 0.5');
    expect(text(cells[0]?.text() ?? '')).toBe('75.075.0');
    expect(cells.at(-1)?.text()).toContain('not yet trained');
  });
});
