// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { clientKey } from '../../src/renderer/api/client';
import { useDatasets } from '../../src/renderer/stores/datasets';
import ImportMaps from '../../src/renderer/views/maps/ImportMaps.vue';
import { StudioError } from '../../src/shared/errors';
import { type FoundMaps } from '../../src/shared/foreign-maps';
import { type RouteInput } from '../../src/shared/routes';
import { datasetRecord } from './records';
import { backend, settled } from './support';

const upload = 'upload_aaaaaaaaaaaaaaaa';
const found: FoundMaps = {
  ...{ array: null, arrays: [], type: 'float32', shape: [10_000, 28, 28] },
  ...{ brokenMaps: 0, broken: [], constantMaps: 0, constant: [] },
};

async function open() {
  let asked: RouteInput<'methods.inspect'> | null = null;
  let [answer, giveUp] = [() => {}, () => {}];
  const wire = backend({
    'datasets.list': () => [datasetRecord('mnist', { state: 'installed' })],
    'methods.list': () => [],
    'models.list': () => [],
    'jobs.list': () => [],
    'uploads.begin': () => ({ upload }),
    'uploads.get': () => ({ upload, name: 'lime.npy', bytes: 7, sha256: null }),
    'uploads.discard': () => ({}),
    'methods.inspect': (input) => {
      asked = input;
      return new Promise((resolve, reject) => {
        answer = () => resolve({ found, samples: [] });
        giveUp = () =>
          reject(
            new StudioError({ code: 'cancelled', message: 'The look at the maps was given up.' }),
          );
      });
    },
    'methods.cancelInspect': () => {
      giveUp();
      return {};
    },
  });
  const plugins = { plugins: [createPinia()], provide: { [clientKey as symbol]: wire.client } };
  const dialog = mount(ImportMaps, {
    props: { open: true },
    global: plugins,
    attachTo: document.body,
  });
  await useDatasets().load();
  await nextTick();
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  if (!input) throw new Error('no field for the file');
  Object.defineProperty(input, 'files', { value: [new File(['maps'], 'lime.npy')] });
  input.dispatchEvent(new Event('change'));
  const wait = async () => {
    for (let i = 0; i < 5; i += 1) await settled();
  };
  await wait();
  const look = async () => {
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await wait();
  };
  const tell = async (done: number, request = asked?.request ?? '') => {
    wire.emit({ type: 'maps.looking', request, done, total: 10_000, unit: 'maps' });
    await nextTick();
  };
  const text = () => document.body.textContent?.replaceAll(/\s+/g, ' ') ?? '';
  const finish = async () => {
    answer();
    await wait();
  };
  return { dialog, wire, look, tell, text, wait, finish };
}

afterEach(() => document.body.replaceChildren());

describe('a look at a file of maps', () => {
  it('says how far it is until it is done', async () => {
    const { look, tell, text, finish } = await open();
    await look();
    expect(text()).toContain('Looking at lime.npy');
    await tell(2500);
    expect(text()).toContain('2,500 of 10,000 maps');
    const bar = document.querySelector('[role=progressbar]');
    expect(bar?.getAttribute('aria-valuenow')).toBe('25');
    // Of somebody else's look nothing is shown.
    await tell(9000, 'look-other.1');
    expect(text()).toContain('2,500 of 10,000 maps');
    await finish();
    expect(text()).not.toContain('Looking at lime.npy');
    expect(text()).toContain('10,000 maps of 28 x 28, one value a pixel, float32.');
  });

  it('is stopped by its button, and when the dialog is closed', async () => {
    const { dialog, wire, look, text, wait } = await open();
    await look();
    const stop = [...document.querySelectorAll('button')].find(
      (button) => button.textContent?.trim() === 'Stop looking',
    );
    stop?.click();
    await wait();
    expect(text()).toContain('The look at the maps was given up.');
    await look();
    await dialog.setProps({ open: false });
    await wait();
    const cancels = wire.calls.filter(({ route }) => route === 'methods.cancelInspect');
    expect(cancels).toHaveLength(2);
  });
});
