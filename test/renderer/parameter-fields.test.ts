// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, expect, it } from 'vitest';
import { nextTick, reactive } from 'vue';
import { clientKey } from '../../src/renderer/api/client';
import { useCatalogues } from '../../src/renderer/stores/catalogues';
import { useMethods } from '../../src/renderer/stores/methods';
import ComposeMethod from '../../src/renderer/views/maps/ComposeMethod.vue';
import ParameterFields from '../../src/renderer/views/maps/ParameterFields.vue';
import { builtInCatalogues } from '../../src/shared/catalogue/catalogues';
import { builtInMethods, type Method } from '../../src/shared/catalogue/methods';
import { defaultMapParameters } from '../../src/shared/catalogue/parameters';
import { standInCatalogues } from '../fixtures/stand-ins/catalogues';
import { backend, settled } from './support';

afterEach(() => {
  document.body.innerHTML = '';
});

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
    props: { parameters, errors: { square: 'a whole number from 4 to 28' }, classes: [] },
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
