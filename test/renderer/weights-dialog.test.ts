// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { StudioError } from '../../src/shared/errors';
import { clientKey } from '../../src/renderer/api/client';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { useModels } from '../../src/renderer/stores/models';
import ImportDialog from '../../src/renderer/views/models/ImportDialog.vue';
import { type WeightsInspection } from '../../src/shared/weights-inspection';
import ModelDetails from '../../src/renderer/views/models/ModelDetails.vue';
import { datasetRecord, modelRecord } from './records';
import { backend, settled } from './support';

const upload = 'upload_aaaaaaaaaaaaaaaa';
const adapted = ['2 tensors were left out: n_averaged, head.scale.'];
const model = modelRecord({ origin: 'imported', recipe: null });

/** Of a file that fits; of several sets, until one is chosen, nothing more is said. */
function inspection(several: boolean, key: string | null): WeightsInspection {
  const undecided = several && key === null;
  const set = { tensors: 10, parameters: 421_642 };
  const keys = several ? ['state_dict', 'state_dict_ema'] : [null];
  const fit = {
    ...{ architecture: 'mnist-cnn', options: {}, classes: 10, channels: 1, side: 28, fits: true },
    ...{ found: 8, needed: 8, prefixes: [], missing: [], otherShape: [] },
    ...{ extra: ['n_averaged', 'head.scale'], extraCount: 2 },
  };
  return {
    ...{ file: 'mine.pth', bytes: 7, form: 'pytorch-zip', key, undecided },
    sets: keys.map((each) => ({ key: each, ...set })),
    tensors: [{ name: 'conv1.weight', shape: [32, 1, 3, 3], dtype: 'F32' }],
    tensorCount: undecided ? 0 : 10,
    parameters: undecided ? 0 : set.parameters,
    dtypes: [{ dtype: 'F32', tensors: 10 }],
    stated: { architecture: null, input: null, classes: null },
    guesses: undecided ? [] : [fit],
    notes: [],
  };
}

async function open(
  several = false,
  stated: Partial<WeightsInspection['stated']> = {},
  held: Promise<void> = Promise.resolve(),
) {
  const wire = backend({
    'datasets.list': () => [datasetRecord('mnist', { state: 'installed', classes: digits })],
    'uploads.begin': () => ({ upload }),
    'uploads.get': () => ({ upload, name: 'mine.safetensors', bytes: 7, sha256: null }),
    'uploads.discard': () => ({}),
    'models.cancelInspect': () => ({}),
    'models.inspectFile': async ({ weightsKey }) => {
      await held;
      const found = inspection(several, weightsKey ?? null);
      return { ...found, stated: { ...found.stated, ...stated } };
    },
    'models.predictions': () => ({ images: [] }),
    'models.test': () => {
      throw new StudioError({ code: 'conflict', message: 'Not now.' });
    },
    'models.import': ({ leaveOutExtra, weightsKey }) => {
      if (weightsKey === 'state_dict_ema') return { ...model, adapted };
      if (leaveOutExtra) return { ...model, adapted };
      throw new StudioError({
        ...{ code: 'invalid-input', field: 'leaveOutExtra', value: 'false', accepted: 'true' },
        message: 'mine.safetensors has tensors that mnist-cnn lacks: n_averaged, head.scale.',
        details: { extra: 'n_averaged\nhead.scale' },
      });
    },
  });
  const pinia = createPinia();
  const routes = [{ path: '/maps', name: 'maps', component: { template: '' } }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  const plugins = { plugins: [pinia, router], provide: { [clientKey as symbol]: wire.client } };
  mount(ImportDialog, {
    props: { modelValue: true },
    global: plugins,
    attachTo: document.body,
  });
  await useDatasets(pinia).load();
  await settled();
  const choose = async (name: string, content = 'weights', label = 'File') => {
    const input = [...document.querySelectorAll<HTMLInputElement>('input[type=file]')].find(
      ({ labels }) => labels?.[0]?.textContent.trim() === label,
    );
    if (!input) throw new Error(`no field ${label}`);
    const files = [new File([content], name)];
    Object.defineProperty(input, 'files', { value: files, configurable: true });
    input.dispatchEvent(new Event('change'));
    for (let i = 0; i < 5; i += 1) await settled();
  };
  const submit = async () => {
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    for (let i = 0; i < 5; i += 1) await settled();
  };
  const ticks = () => [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox]')];
  return { wire, pinia, plugins, choose, submit, ticks };
}

const digits = Array.from({ length: 10 }, (_, i) => String(i));

describe('the import of weights', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('shows what a file of ours says of its crop, and takes none where it is emptied', async () => {
    const input = { mean: [0.5], std: [0.25], crop: 20 };
    const { wire, choose, submit, ticks } = await open(false, { input });
    await choose('mine.safetensors');
    const label = [...document.querySelectorAll('label')].find(
      ({ textContent }) => textContent.trim() === 'Centre crop',
    );
    const field = document.getElementById(label?.htmlFor ?? '') as HTMLInputElement;
    expect(field.value).toBe('20');
    // Its weights are of images of 28 x 28.
    expect(document.body.textContent).toContain('leave the centre crop empty');
    field.value = '';
    field.dispatchEvent(new Event('input'));
    for (let i = 0; i < 5; i += 1) await settled();
    await submit();
    expect(ticks()).toHaveLength(1);
    const crops = (route: string) =>
      wire.calls.filter((call) => call.route === route).map((call) => call.input);
    expect(crops('models.inspectFile').at(-1)).toMatchObject({ crop: 'none' });
    expect(crops('models.import')).toMatchObject([{ crop: 'none' }]);
  });

  it('takes which output is of which class from a file, a table or keys, and names what is wrong', async () => {
    const { wire, choose, submit } = await open();
    await choose('mine.safetensors');
    const select = [...document.querySelectorAll('select')].find(
      ({ labels }) => labels[0]?.textContent.trim() === 'Its classes',
    );
    if (!select) throw new Error('no choice of classes');
    const options = [...select.options].map(({ textContent }) => textContent.trim());
    select.selectedIndex = options.indexOf('The dataset’s, by this table');
    select.dispatchEvent(new Event('change'));
    await settled();
    const which = 'File that says which is which, if wanted';
    const rows = Array.from({ length: 10 }, (_, label) => `${label},${(label + 1) % 10}`);
    await choose('twice.csv', ['dataset,network', ...rows, '3,4'].join('\n'), which);
    const alert = () => document.querySelector('[role=alert]')?.textContent ?? '';
    expect(alert()).toContain('each class of the dataset once');
    await choose('strange.csv', 'dataset,network\ncat,1', which);
    expect(alert()).toContain('cat');
    await choose('which.csv', ['dataset,network', ...rows].join('\n'), which);
    expect(alert()).toBe('');
    // The output of the first class goes to the second.
    const first = document.querySelector<HTMLInputElement>('input[aria-label="Output of 0"]');
    const key = { key: 'ArrowDown', altKey: true, bubbles: true };
    first?.dispatchEvent(new KeyboardEvent('keydown', key));
    await settled();
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Output of 1');
    await submit();
    const sent = wire.calls.find(({ route }) => route === 'models.import')?.input;
    expect(sent).toMatchObject({ labels: [2, 1, 3, 4, 5, 6, 7, 8, 9, 0] });
  });

  it('tells how far the look into a file is, and can be stopped and taken up again', async () => {
    let go = () => {};
    const held = new Promise<void>((resolve) => (go = resolve));
    const { wire, choose } = await open(false, {}, held);
    await choose('mine.safetensors');
    wire.emit({ type: 'weights.progress', upload, share: 0.4 });
    await settled();
    const bar = () => document.querySelector('[role=progressbar]');
    expect(bar()?.getAttribute('aria-valuenow')).toBe('40');
    const button = (text: string) =>
      [...document.querySelectorAll('button')].find(
        ({ textContent }) => textContent.trim() === text,
      );
    button('Stop')?.click();
    await settled();
    expect(wire.calls.map(({ route }) => route)).toContain('models.cancelInspect');
    expect(bar()).toBeNull();
    expect(document.body.textContent).toContain('the look was stopped');
    expect(button('Import')?.disabled).toBe(true);
    button('Look into it')?.click();
    go();
    for (let i = 0; i < 5; i += 1) await settled();
    expect(document.body.textContent).toContain('421,642');
    expect(document.body.textContent).not.toContain('the look was stopped');
  });

  it('offers to leave out what the network lacks, by name, once it was refused for that', async () => {
    const { wire, pinia, plugins, choose, submit, ticks } = await open();
    await choose('mine.safetensors');
    expect(ticks()).toEqual([]);
    const held = document.querySelector('[aria-label="What the file holds"]')?.textContent;
    expect(held).toContain('421,642 parameters');
    expect(held).toContain('n_averaged, head.scale');
    await submit();
    expect(document.querySelector('[role=alert]')?.textContent).toContain('mnist-cnn lacks');
    const [tick] = ticks();
    expect(tick?.closest('label')?.textContent?.replaceAll(/\s+/g, ' ').trim()).toBe(
      'Leave out these 2 tensors: n_averaged, head.scale',
    );
    // Another file has tensors of its own.
    await choose('other.safetensors');
    expect(ticks()).toEqual([]);
    await choose('mine.safetensors');
    await submit();
    ticks()[0]?.click();
    await nextTick();
    await submit();
    const asked = wire.calls.filter(({ route }) => route === 'models.import');
    expect(asked.map(({ input }) => input)).toMatchObject([
      { upload, name: 'mine', leaveOutExtra: false },
      { leaveOutExtra: false },
      { leaveOutExtra: true },
    ]);
    expect(useModels(pinia).byId(model.id)?.adapted).toEqual(adapted);
    const details = mount(ModelDetails, {
      props: { model: { ...model, adapted } },
      global: plugins,
    });
    expect(details.text()).toContain('Adapted on import');
    expect(details.text()).toContain(adapted[0]);
  });

  it('asks which of several sets of weights, and takes the answer for this file alone', async () => {
    const { wire, choose, submit } = await open(true);
    const field = () =>
      [...document.querySelectorAll('select')].find((select) =>
        [...select.options].some(({ text }) => text.trim() === 'state_dict_ema'),
      );
    const action = () =>
      [...document.querySelectorAll('button')].find(
        ({ textContent }) => textContent.trim() === 'Import',
      );
    await choose('ema.pth');
    expect(document.querySelector<HTMLInputElement>('input[type=file]')?.accept).toContain('.pth');
    expect(field()?.selectedIndex).toBe(0);
    expect(action()?.disabled).toBe(true);
    // Another file is asked about anew.
    await choose('other.pth');
    expect(field()?.selectedIndex).toBe(0);
    const select = field();
    if (!select) throw new Error('no field for the weights');
    select.selectedIndex = 2;
    select.dispatchEvent(new Event('change'));
    for (let i = 0; i < 5; i += 1) await settled();
    await submit();
    const asked = wire.calls.filter(({ route }) => route === 'models.import');
    expect(asked.map(({ input }) => input)).toMatchObject([
      { name: 'other', weightsKey: 'state_dict_ema', leaveOutExtra: false },
    ]);
  });
});
