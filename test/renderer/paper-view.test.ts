// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryHistory, type Router } from 'vue-router';
import { datasetEntry } from '../fixtures/datasets';
import { builtInMethods } from '../../src/shared/catalogue/methods';
import { type Experiment, type ExperimentResult } from '../../src/shared/experiments';
import { type DatasetRecord, type Forecast, type RunRecord } from '../../src/shared/records';
import { clientKey } from '../../src/renderer/api/client';
import { createStudioRouter } from '../../src/renderer/router';
import { useDatasets } from '../../src/renderer/stores/datasets';
import { useJobs } from '../../src/renderer/stores/jobs';
import { useStatus } from '../../src/renderer/stores/status';
import PaperView from '../../src/renderer/views/paper/PaperView.vue';
import { type Backend, backend, settled } from './support';
import {
  experimentId,
  experimentRecord,
  experimentResult,
  memberRecord,
} from './experiment-records';
import { jobId, jobRecord, runId, statusRecord } from './records';

const datasetRecord = (id: string, installed: boolean): DatasetRecord => {
  const entry = datasetEntry(id);
  const { name, licence, citation, train, validation } = entry;
  return {
    ...{ id, name, licence, citation, known: entry },
    ...{ state: installed ? 'installed' : 'missing', reason: null },
    shape: [...entry.shape],
    classes: Array.from({ length: installed ? entry.classes : 0 }, (_, i) => String(i)),
    ...{ train: installed ? train : 0, validation: installed ? validation : 0 },
    ...{
      trainPerClass: [],
      validationPerClass: [],
      files: [],
      bytes: 0,
      masks: { train: 0, validation: 0 },
      origin: null,
      job: null,
    },
  };
};
const forecast: Forecast = {
  stages: [{ id: 'train', title: 'Train', seconds: 60, work: '10 models', reused: 0, items: 50 }],
  ...{ seconds: 60, workers: null, bytes: 1024, freeBytes: 1e9, measuredOn: 'this machine' },
};

describe('the paper view', () => {
  let wrapper: VueWrapper;
  let wire: Backend;
  let router: Router;
  let installed: DatasetRecord[];
  let experiments: Experiment[];
  let changes: Partial<ExperimentResult>;
  let taken: RunRecord | null;

  async function open(path: string): Promise<void> {
    wire = backend({
      'app.status': () => statusRecord(),
      'datasets.list': () => installed,
      'jobs.list': () =>
        experiments.flatMap(({ members }) =>
          members.map(({ run }) =>
            jobRecord({ id: run.job, kind: 'roar', subject: run.id, state: run.state }),
          ),
        ),
      'roar.list': () => experiments.flatMap(({ members }) => members.map(({ run }) => run)),
      'studies.list': () => [],
      'experiments.list': () => experiments,
      'experiments.result': ({ experiment }) =>
        experimentResult(
          experiments.find(({ id }) => id === experiment) ?? experimentRecord(),
          changes,
        ),
      'experiments.forecast': ({ datasets = [] }) => ({
        members: datasets.map((dataset) => {
          const missing = installed.find(({ id }) => id === dataset)?.state !== 'installed';
          return {
            dataset,
            variant: null,
            missing,
            run: dataset === 'mnist' ? taken : null,
            forecast: missing ? null : forecast,
          };
        }),
        ...{ seconds: 60, bytes: 1024, freeBytes: 1e9 },
      }),
      'experiments.start': () => {
        const experiment = experimentRecord({ id: experimentId('n'), name: 'Started' });
        experiments.push(experiment);
        return { experiment, jobs: [], reused: [], left: [] };
      },
      'experiments.collect': ({ runs }) => {
        const members = experiments.flatMap((each) => each.members);
        const experiment = experimentRecord({
          id: experimentId('n'),
          members: members.filter(({ run }) => runs.includes(run.id)),
        });
        experiments.push(experiment);
        return experiment;
      },
      'experiments.rename': ({ experiment, name }) => experimentRecord({ id: experiment, name }),
      'experiments.remove': () => ({}),
      'jobs.cancel': ({ job }) => jobRecord({ id: job, state: 'cancelled' }),
    });
    router = createStudioRouter(createMemoryHistory());
    await router.push(path);
    wrapper = mount(PaperView, {
      global: {
        plugins: [createPinia(), router],
        provide: { [clientKey as symbol]: wire.client },
        // Charts draw on a canvas, which this page does not have.
        stubs: { RoarPanel: true },
      },
      attachTo: document.body,
    });
    await Promise.all([useStatus().load(), useDatasets().load(), useJobs().load()]);
    await settled();
    await settled();
  }
  const called = (route: string) => wire.calls.filter((call) => call.route === route);
  const button = (text: string) =>
    wrapper.findAll('button').find((each) => each.text().startsWith(text));
  const part = async (name: string): Promise<string> => {
    const tab = wrapper.findAll('[role="tab"]').find((each) => each.text() === name);
    await tab?.trigger('click');
    await settled();
    return text(wrapper.find('[role="tabpanel"]').text());
  };
  const text = (raw: string) => raw.replaceAll(/\s+/g, ' ');

  beforeEach(() => {
    taken = null;
    installed = [
      datasetRecord('mnist', true),
      datasetRecord('cifar10', true),
      datasetRecord('tiny-imagenet', false),
    ];
    experiments = [];
    changes = {};
  });
  afterEach(() => {
    wrapper.unmount();
    document.body.innerHTML = '';
  });

  it('forecasts all three datasets, asks for the missing one, and starts without it', async () => {
    await open('/paper');
    await vi.waitFor(() => expect(wrapper.text()).toContain('About 1 min 00 s'));
    expect(called('experiments.forecast').at(-1)?.input).toMatchObject({
      preset: 'paper',
      datasets: ['mnist', 'cifar10', 'tiny-imagenet'],
    });
    const page = text(wrapper.text());
    expect(page).toContain('once it is installed');
    expect(page).toContain('free) for what is installed, by rates measured on this machine.');
    expect(page).toContain('Tiny ImageNet has to be installed first.');
    expect(button('Reproduce the paper')?.attributes('disabled')).toBeUndefined();
    expect(wrapper.find('[data-test="experiment-start"]').attributes('disabled')).toBeDefined();
    expect(button('Install …')?.attributes('aria-label')).toBe('Install Tiny ImageNet …');
    await button('Leave out what is missing')?.trigger('click');
    await settled();
    expect(wrapper.find('[data-test="experiment-start"]').attributes('disabled')).toBeUndefined();
    await wrapper.find('form').trigger('submit');
    await settled();
    expect(called('experiments.start')[0]?.input).toMatchObject({
      kind: 'reproduction',
      datasets: ['mnist', 'cifar10'],
    });
    await vi.waitFor(() =>
      expect(router.currentRoute.value.params['experiment']).toBe(experimentId('n')),
    );
  });

  it('asks no time for what is done already', async () => {
    taken = memberRecord('a', 'mnist').run;
    await open('/paper');
    await vi.waitFor(() => expect(wrapper.text()).toContain('Done already'));
    const rows = wrapper.findAll('tbody tr').map((row) => text(row.text()));
    expect(rows[0]).toMatch(/Done already: ?On mnist ?nothing left to do$/);
    expect(rows[1]).toMatch(/1 min 00 s$/);
  });

  it('asks again when a dataset was installed', async () => {
    await open('/paper');
    await vi.waitFor(() => expect(called('experiments.forecast')).toHaveLength(1));
    installed = installed.map(({ id }) => datasetRecord(id, true));
    wire.emit({ type: 'dataset.changed', dataset: 'tiny-imagenet' });
    await vi.waitFor(() => expect(called('experiments.forecast')).toHaveLength(2));
    expect(wrapper.text()).not.toContain('has to be installed first');
    await vi.waitFor(() => expect(wrapper.text()).not.toContain('for what is installed'));
  });

  it('puts the newest finished run of each dataset together', async () => {
    experiments = [experimentRecord()];
    await open('/paper');
    const panel = await part('Put finished runs together');
    expect(panel).toContain('No run by the paper’s protocol is finished');
    await wrapper.find('form').trigger('submit');
    await settled();
    expect(called('experiments.collect')[0]?.input).toEqual({ runs: [runId('a'), runId('b')] });
  });

  it('shows figures with what they lack, accuracies beside the paper’s, and claims', async () => {
    experiments = [experimentRecord()];
    const claim = { section: 'III', says: 'So it is.', evidence: 'Because.' };
    changes = {
      claims: [
        { ...claim, id: 'accuracy-low-levels', verdict: 'held' },
        { ...claim, id: 'best-three-roar', verdict: 'not-held' },
        { ...claim, id: 'coherence-best', verdict: 'undecided' },
      ],
    };
    await open(`/paper/${experimentId('a')}`);
    const figures = text(wrapper.find('[role="tabpanel"]').text());
    expect(figures).toContain('Fig. 2 MNIST n = 50 images');
    expect(figures).toContain('Fig. 3 CIFAR-10 n = 20 images');
    expect(figures).toContain('A check of the plumbing, not the protocol in full:');
    expect(figures).toContain('6,000 of 60,000 training images, 2 of 5 epochs, 50 of 500 images');
    expect(wrapper.findAll('ul[aria-label="Methods shown"]')).toHaveLength(1);

    const accuracies = await part('Accuracies');
    expect(accuracies).toContain('above 98%');
    expect(accuracies).toContain('−1.0');

    expect(await part('The paper’s claims')).toContain('Held 1');
    expect(wrapper.findAll('p.says').map((each) => text(each.text()))).toEqual(
      Array.from({ length: 3 }, () => 'Sec. III: So it is.'),
    );
    const choose = async (label: string) => {
      const chip = wrapper.findAll('label').find((each) => each.text() === label);
      await chip?.find('input').trigger('change');
      await settled();
    };
    await choose('Not held 1');
    expect(wrapper.findAll('p.says')).toHaveLength(1);
    await choose('Accuracy');
    expect(wrapper.text()).toContain('No claim is like that.');
    await choose('All 3');
    expect(wrapper.find('[role="tabpanel"]').text()).toContain('Because.');
    expect(wrapper.findAll('p.says')).toHaveLength(1);

    expect(await part('Tables I and II')).toContain('No ratings yet');
  });

  it('shows how far each run is, and cancels those under way, the last first', async () => {
    experiments = [
      experimentRecord({
        members: [
          memberRecord('a', 'mnist'),
          memberRecord('b', 'cifar10', { state: 'running' }),
          memberRecord('c', 'tiny-imagenet', { state: 'queued' }),
        ],
      }),
    ];
    await open(`/paper/${experimentId('a')}`);
    expect(text(wrapper.text())).toContain('1 of 3 runs done');
    await button('Cancel')?.trigger('click');
    await settled();
    expect(called('jobs.cancel').map(({ input }) => input)).toEqual([
      { job: jobId('c') },
      { job: jobId('b') },
    ]);
  });

  it('follows its runs without being asked', async () => {
    experiments = [
      experimentRecord({ members: [memberRecord('a', 'mnist', { state: 'running' })] }),
    ];
    await open(`/paper/${experimentId('a')}`);
    const before = called('experiments.result').length;
    experiments = [experimentRecord({ members: [memberRecord('a', 'mnist')] })];
    wire.emit({ type: 'run.changed', run: runId('a') });
    await vi.waitFor(() => expect(called('experiments.result')).toHaveLength(before + 1));
    await settled();
    expect(wrapper.text()).not.toContain('Progress');
  });

  it('asks once more, not once for each change that came meanwhile', async () => {
    experiments = [
      experimentRecord({ members: [memberRecord('a', 'mnist', { state: 'running' })] }),
    ];
    await open(`/paper/${experimentId('a')}`);
    const before = called('experiments.result').length;
    for (let i = 0; i < 5; i += 1) wire.emit({ type: 'run.changed', run: runId('a') });
    await vi.waitFor(() => expect(called('experiments.result')).toHaveLength(before + 2));
    await settled();
    expect(called('experiments.result')).toHaveLength(before + 2);
  });

  it('shows how ranks move, with words for the arrows', async () => {
    const variant = {
      choice: 'fill',
      question: 'What value does a removed pixel take?',
      reading: 'The mean of the training set.',
      setting: 'fill = dataset-mean',
    };
    experiments = [
      experimentRecord({
        kind: 'sensitivity',
        members: [
          memberRecord('a', 'mnist'),
          memberRecord('b', 'mnist', {}, variant),
          memberRecord('c', 'mnist', { state: 'queued' }, { ...variant, reading: 'Another.' }),
        ],
      }),
    ];
    const [first, second] = builtInMethods;
    if (!first || !second) throw new Error('There are methods.');
    changes = {
      ranks: [
        { method: first.id, name: first.name, ranks: [1, 3, null], advantages: [0.2, 0.1, null] },
        { method: second.id, name: second.name, ranks: [2, 1, null], advantages: [0.1, 0.2, null] },
      ],
      spearman: [1, -1, null],
      notRerun: [{ choice: 'pixel', question: 'What is one pixel?', reading: 'A channel.' }],
    };
    await open(`/paper/${experimentId('a')}`);
    const rows = wrapper.findAll('[role="tabpanel"] tbody tr').map((row) => text(row.text()));
    expect(rows).toHaveLength(4);
    expect(rows[1]).toBe(variant.question);
    expect(rows[2]).toContain('2 of 2 differ');
    expect(rows[2]).toContain('down 2 from our readings');
    expect(rows[2]).toContain('up 1 from our readings');
    expect(rows[2]).toContain('−1.00');
    expect(rows[3]).toContain('queued');
    expect(wrapper.find('details').text()).toContain('A channel.');
  });
});
