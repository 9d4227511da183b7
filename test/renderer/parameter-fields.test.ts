// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick, reactive } from 'vue';
import { clientKey } from '../../src/renderer/api/client';
import { useCatalogues } from '../../src/renderer/stores/catalogues';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { useMethods } from '../../src/renderer/stores/methods';
import { useModels } from '../../src/renderer/stores/models';
import { useStudies } from '../../src/renderer/stores/studies';
import ComposeMethod from '../../src/renderer/views/maps/ComposeMethod.vue';
import StepMethods from '../../src/renderer/views/studies/StepMethods.vue';
import ParameterFields from '../../src/renderer/views/maps/ParameterFields.vue';
import { builtInCatalogues } from '../../src/shared/catalogue/catalogues';
import { builtInMethods, type Method } from '../../src/shared/catalogue/methods';
import { defaultMapParameters } from '../../src/shared/catalogue/parameters';
import { standInCatalogues } from '../fixtures/stand-ins/catalogues';
import { type ModelRecord } from '../../src/shared/records';
import { datasetRecord, modelId, modelRecord } from './records';
import { appWith, backend, settled } from './support';

afterEach(() => {
  document.body.innerHTML = '';
});

const none = { classes: [], labelled: true };

async function withStandIns(
  operators = standInCatalogues.operators.operators,
  made: readonly Method[] = [],
) {
  const { client } = backend({
    'app.catalogues': () => ({
      operators: [...operators],
      networks: standInCatalogues.networks.describe(),
      metrics: [...standInCatalogues.metrics.list],
    }),
    'methods.list': () => [...made],
  });
  const pinia = createPinia();
  const global = { plugins: [pinia], provide: { [clientKey as symbol]: client } };
  const load = async () => {
    await useCatalogues(pinia).load();
    await nextTick();
    await settled();
  };
  return { global, load };
}

it('shows the parameters of operators that were added, and edits them', async () => {
  const { global, load } = await withStandIns();
  const parameters = reactive({ ...defaultMapParameters, shades: 3 });
  const wrapper = mount(ParameterFields, {
    props: { parameters, errors: { square: 'a whole number from 4 to 28' }, targets: none },
    global,
    attachTo: document.body,
  });
  expect(wrapper.findAll('legend').map((legend) => legend.text())).toEqual([
    'Smooth Eqs. 2, 6, 7',
    'Integrate Eqs. 3, 8, 9',
    'Grad-CAM arXiv 1610.02391',
    'Occlusion arXiv 1311.2901',
    'RISE arXiv 1806.07421',
    'Gradient, Guided backprop Eq. 1; Eqs. 4, 5',
  ]);
  await load();
  expect(wrapper.findAll('legend').map((legend) => legend.text())).toEqual(
    expect.arrayContaining(['Dimmed Eq. X', 'Stripes', 'Occluded Sec. Y']),
  );
  expect(wrapper.text()).toContain('Accepted: a whole number from 4 to 28');
  const field = (label: string) => {
    const found = wrapper.findAll('label').find((each) => each.text() === label);
    return wrapper.get(`[id="${found?.attributes('for') ?? ''}"]`);
  };
  await field('Shades').setValue('7');
  expect(parameters.shades).toBe(7);
  // What was not set has its default.
  expect((field('Side of a square').element as HTMLInputElement).value).toBe('14');
});

it('finds the explained class by its name where there are thousands', async () => {
  const { global } = await withStandIns();
  const parameters = reactive({ ...defaultMapParameters });
  const classes = Array.from({ length: 10_000 }, (_, i) => `Klasse ${i}`);
  const wrapper = mount(ParameterFields, {
    props: { parameters, errors: {}, targets: { classes, labelled: true } },
    global,
    attachTo: document.body,
  });
  const few = () => expect(wrapper.findAll('*').length).toBeLessThan(250);
  few();
  const target = wrapper.findAll('select').find((each) => each.text().includes('The label'));
  expect(target?.findAll('option').map((option) => option.text())).toEqual([
    'The label',
    'The prediction',
    'One class, for all images',
  ]);
  await target?.setValue('2');
  expect(parameters.target).toBe(0);
  const finder = wrapper.get('input[placeholder="Klasse 0"]');
  await finder.setValue('klasse 77');
  expect(parameters.target).toBe(77);
  expect(wrapper.findAll('datalist option')).toHaveLength(30);
  // What no class is called leaves it.
  await finder.setValue('Klasse 77x');
  expect(parameters.target).toBe(77);
  few();
  await target?.setValue('1');
  expect(parameters.target).toBe('predicted');
  expect(wrapper.find('datalist').exists()).toBe(false);
});

it('composes methods out of them; a direct operator stands alone', async () => {
  const { global, load } = await withStandIns();
  mount(ComposeMethod, { props: { open: true }, global, attachTo: document.body });
  await load();
  const selects = () => [...document.querySelectorAll('select')];
  const optionsOf = (index: number) =>
    [...(selects()[index]?.options ?? [])].map(({ text }) => text);
  expect(optionsOf(0)).toEqual(
    expect.arrayContaining(['Gradient (Eq. 1)', 'Predicted gradient', 'Occluded (Sec. Y)']),
  );
  expect(optionsOf(1)).toContain('dimmed (mean over dimmer and dimmer images)');
  const base = selects()[0];
  if (!base) throw new Error('no base');
  base.selectedIndex = optionsOf(0).indexOf('Occluded (Sec. Y)');
  base.dispatchEvent(new Event('change', { bubbles: true }));
  await settled();
  expect(document.querySelector('code')?.textContent).toBe('occluded');
  expect(selects()[1]?.disabled).toBe(true);
});

it('opens with a combination that is no method yet, whatever operators there are', async () => {
  const opened = async (
    operators = standInCatalogues.operators.operators,
    made = builtInMethods,
  ) => {
    document.body.innerHTML = '';
    const { global, load } = await withStandIns(operators, made);
    const wrapper = mount(ComposeMethod, {
      props: { open: false },
      global,
      attachTo: document.body,
    });
    await load();
    await useMethods(global.plugins[0]).load();
    await wrapper.setProps({ open: true });
    await settled();
    const text = document.querySelector('code')?.textContent;
    wrapper.unmount();
    return text;
  };
  const builtIn = builtInCatalogues.operators.operators;
  expect(await opened(builtIn)).toBe('integrate(smooth(guided))');
  expect(await opened(builtIn, [])).toBe('integrate(smooth(gradient))');
  const others = standInCatalogues.operators.operators.filter(
    (operator) => !builtIn.includes(operator),
  );
  expect(await opened(others)).toBe('dimmed(predicted)');
});

const mnist = datasetRecord('mnist', { classes: ['zero', 'one'] });

describe('what maps of a study can explain', () => {
  const other = { count: 3, names: ['cat', 'dog', 'owl'], outputs: null };
  const study = async (records: readonly ModelRecord[]) => {
    const { client } = backend({
      'models.list': () => [...records],
      'datasets.list': () => [mnist],
      'methods.list': () => [],
    });
    const { pinia } = appWith(client);
    const global = { plugins: [pinia], provide: { [clientKey as symbol]: client } };
    await Promise.all([useModels(pinia).load(), useDatasets(pinia).load()]);
    const { config } = useStudies(pinia).draft;
    const images = { kind: 'sampled', count: 4, seed: 0 } as const;
    config.datasets = records.map(({ id }) => ({ dataset: 'mnist', model: id, run: null, images }));
    const wrapper = mount(StepMethods, { props: { errors: {} }, global, attachTo: document.body });
    await settled();
    const select = wrapper.findAll('select').find((each) => each.text().includes('The prediction'));
    return { config, choices: select?.findAll('option').map((option) => option.text()) };
  };

  it('are the network’s own classes, not those of its dataset', async () => {
    const { config, choices } = await study([modelRecord({ classes: other })]);
    expect(choices).toEqual(['The prediction', 'Class cat', 'Class dog', 'Class owl']);
    expect(config.parameters.target).toBe('predicted');
  });

  it('are the label and the dataset’s classes where the network has those', async () => {
    const { config, choices } = await study([modelRecord()]);
    const { classes } = mnist;
    const named = classes.map((name) => `Class ${name}`);
    expect(choices).toEqual(['The label', 'The prediction', ...named]);
    expect(config.parameters.target).toBe('label');
  });

  it('are the prediction alone where several networks have nothing else in common', async () => {
    const models = [modelRecord(), modelRecord({ id: modelId('b'), classes: other })];
    expect((await study(models)).choices).toEqual(['The prediction']);
  });
});
