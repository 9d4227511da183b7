import { type RouteName } from '../../../src/shared/routes';

export const model = 'model_aaaaaaaaaaaaaaaa';
export const run = 'run_aaaaaaaaaaaaaaaa';
export const job = 'job_aaaaaaaaaaaaaaaa';
export const study = 'study_aaaaaaaaaaaaaaaa';
export const experiment = 'experiment_aaaaaaaaaaaaaaaa';
const upload = 'upload_aaaaaaaaaaaaaaaa';

const screen = { width: 1280, height: 800, pixelRatio: 1 };
const answer = {
  event: '3f2b8c1e-3d63-4a53-9a61-0d8d5f2f9c11',
  position: 0,
  question: 'visual-coherence',
  score: 3,
  telemetry: {
    responseMs: 1,
    monotonicMs: 1,
    focusLosses: 0,
    unfocusedMs: 0,
    zoomChanges: 0,
    zoom: 1,
    overlayUses: 0,
    input: 'keyboard',
  },
};

export interface Refusal {
  readonly input: unknown;
  readonly field: string;
  readonly value: string;
  readonly accepted?: RegExp;
}

/** A file that never came. */
const notSent = (input: object = {}): Refusal => ({
  input: { ...input, upload },
  field: 'upload',
  value: `"${upload}"`,
  accepted: /sent within the last hour/,
});

const notAStudy: readonly Refusal[] = [
  { input: { study: 'x' }, field: 'study', value: '"x"', accepted: /study id/ },
];

const notACsv = (): readonly Refusal[] => [
  { input: { upload: 7 }, field: 'upload', value: '7' },
  notSent(),
  {
    input: { upload, reading: { encoding: 'latin' } },
    field: 'reading.encoding',
    value: '"latin"',
    accepted: /windows-1252/,
  },
];

const notAnExperiment: readonly Refusal[] = [
  { input: { experiment: 'x' }, field: 'experiment', value: '"x"', accepted: /experiment id/ },
];

/** For each route that takes anything: inputs that it must refuse, and what the refusal names. */
export const refusals: Partial<Record<RouteName, readonly Refusal[]>> = {
  'datasets.verify': [
    { input: {}, field: 'dataset', value: 'missing', accepted: /the id of a dataset/ },
    { input: { dataset: 'imagenet' }, field: 'dataset', value: '"imagenet"', accepted: /mnist/ },
  ],
  'datasets.masks': [
    { input: { dataset: 'mnist', indices: [] }, field: 'indices', value: '[]' },
    { input: { dataset: 'mnist', indices: [-1] }, field: 'indices.0', value: '-1' },
  ],
  'datasets.images': [
    { input: { dataset: 'mnist', limit: 0 }, field: 'limit', value: '0' },
    { input: { dataset: 'mnist', limit: 201 }, field: 'limit', value: '201' },
    { input: { dataset: 'mnist', offset: -1 }, field: 'offset', value: '-1' },
    { input: { dataset: 'mnist', label: 1.5 }, field: 'label', value: '1.5' },
    { input: { dataset: 'mnist', split: 'test' }, field: 'split', value: '"test"' },
  ],
  'datasets.install': [
    {
      input: { dataset: 'cifar10', source: { kind: 'guess' } },
      field: 'source.kind',
      value: '"guess"',
    },
    {
      input: { dataset: 'cifar10', source: { kind: 'path', path: ' ' } },
      field: 'source.path',
      value: '" "',
      accepted: /a path/,
    },
    {
      input: { dataset: 'cifar10', source: { kind: 'package' }, subset: { perClass: 0 } },
      field: 'subset.perClass',
      value: '0',
    },
  ],
  'datasets.importImages': [
    { input: { name: ' ', path: '/x' }, field: 'name', value: '" "' },
    { input: { name: 'x', path: 'x' }, field: 'path', value: '"x"', accepted: /absolute/ },
    { input: { name: 'x', path: '/no/such' }, field: 'path', value: '"/no/such"' },
    { input: { name: 'x', path: '/', labels: 'a.csv' }, field: 'labels', value: '"a.csv"' },
    { input: { name: 'x', path: '/', size: 7 }, field: 'size', value: '7', accepted: /8 to 512/ },
    { input: { name: 'x', path: '/', fit: 'cover' }, field: 'fit', value: '"cover"' },
    { input: { name: 'x', path: '/', validation: 1 }, field: 'validation', value: '1' },
    { input: { name: 'x' }, field: 'path', value: 'null', accepted: /one that was sent/ },
    { input: { name: 'x', path: '/', upload }, field: 'upload', value: `"${upload}"` },
    notSent({ name: 'x' }),
  ],
  'datasets.previewImages': [
    { input: {}, field: 'path', value: 'null', accepted: /a folder, archive or list/ },
    { input: { path: '/', size: 513 }, field: 'size', value: '513', accepted: /8 to 512/ },
    { input: { path: '/', seed: -1 }, field: 'seed', value: '-1' },
    {
      input: { path: '/', labels: '/a', labelsUpload: upload },
      field: 'labelsUpload',
      value: `"${upload}"`,
    },
    {
      input: { path: '/', masks: '/a', masksUpload: upload },
      field: 'masksUpload',
      value: `"${upload}"`,
    },
    notSent(),
  ],
  'datasets.leaveOut': [{ input: { job: 'x' }, field: 'job', value: '"x"', accepted: /job id/ }],
  'datasets.dropImport': [{ input: { job: 'x' }, field: 'job', value: '"x"', accepted: /job id/ }],
  'datasets.sampleImages': [
    { input: { path: '/', files: [] }, field: 'files', value: '[]' },
    { input: { path: '/', files: ['a'], fit: 'cover' }, field: 'fit', value: '"cover"' },
    notSent({ files: ['a'] }),
  ],
  'datasets.refused': [
    { input: { dataset: 'mnist', limit: 501 }, field: 'limit', value: '501' },
    { input: { dataset: 'mnist', offset: -1 }, field: 'offset', value: '-1' },
  ],
  'datasets.refusedExport': [
    { input: {}, field: 'dataset', value: 'missing', accepted: /the id of a dataset/ },
  ],
  'datasets.rename': [
    { input: { dataset: 'mnist', name: ' ' }, field: 'name', value: '" "' },
    { input: { dataset: 'birds', name: 'B' }, field: 'dataset', value: '"birds"' },
  ],
  'datasets.describe': [
    { input: { dataset: 'birds', licence: '' }, field: 'dataset', value: '"birds"' },
    {
      input: { dataset: 'mnist', licence: 7 },
      field: 'licence',
      value: '7',
      accepted: /at most 300 characters/,
    },
  ],
  'datasets.export': [{ input: { dataset: 'birds' }, field: 'dataset', value: '"birds"' }],
  'datasets.exported': [{ input: { job: 'x' }, field: 'job', value: '"x"', accepted: /job id/ }],
  'datasets.users': [{ input: { dataset: 'birds' }, field: 'dataset', value: '"birds"' }],
  'datasets.imported': [
    { input: {}, field: 'dataset', value: 'missing', accepted: /the id of a dataset/ },
  ],
  'datasets.remove': [
    { input: { dataset: 'imagenet' }, field: 'dataset', value: '"imagenet"', accepted: /mnist/ },
  ],
  'models.get': [{ input: { model: 'x' }, field: 'model', value: '"x"', accepted: /model id/ }],
  'models.train': [
    { input: {}, field: 'dataset', value: 'missing' },
    {
      input: { dataset: 'mnist', recipe: { epochs: 0 } },
      field: 'recipe.epochs',
      value: '0',
      accepted: /from 1 to 200/,
    },
    {
      input: { dataset: 'mnist', recipe: { learningRate: 'fast' } },
      field: 'recipe.learningRate',
      value: '"fast"',
    },
    { input: { dataset: 'mnist', removal: { level: 2 } }, field: 'removal.level', value: '2' },
    {
      input: { dataset: 'tiny-imagenet', removal: { level: 0.0001 } },
      field: 'removal.level',
      value: '0.0001',
      accepted: /0\.0001 and 0 both remove 0 of 4096/,
    },
    {
      input: { dataset: 'mnist', removal: { fill: 'noise' } },
      field: 'removal.fill',
      value: '"noise"',
    },
    { input: { dataset: 'mnist', removalSeed: -1 }, field: 'removalSeed', value: '-1' },
  ],
  'uploads.begin': [
    { input: { name: 'a.zip', bytes: 0 }, field: 'bytes', value: '0', accepted: /empty file/ },
    { input: { name: 'a.zip', bytes: 1.5 }, field: 'bytes', value: '1.5' },
    { input: { name: '../a.zip', bytes: 1 }, field: 'name', value: '"../a.zip"' },
    { input: { name: 'a\u0000', bytes: 1 }, field: 'name', value: '"a\\u0000"' },
    {
      input: { name: '..', bytes: 1 },
      field: 'name',
      value: '".."',
      accepted: /without its folder/,
    },
    { input: { name: '', bytes: 1 }, field: 'name', value: '""' },
  ],
  'uploads.get': [{ input: {}, field: 'upload', value: 'missing' }, notSent()],
  'uploads.discard': [{ input: { upload: '../x' }, field: 'upload', value: '"../x"' }],
  'models.startFrom': [
    { input: { dataset: 'mnist' }, field: 'model', value: 'missing' },
    { input: { dataset: 3, model }, field: 'dataset', value: '3' },
  ],
  'models.inspectFile': [
    { input: { upload: '??' }, field: 'upload', value: '"??"' },
    { input: { upload, crop: 4 }, field: 'crop', value: '4' },
    notSent({}),
  ],
  'models.test': [{ input: {}, field: 'model', value: 'missing' }],
  'models.predictions': [
    { input: { model, images: 0 }, field: 'images', value: '0' },
    { input: { model, images: 101 }, field: 'images', value: '101' },
    { input: { model, seed: -1 }, field: 'seed', value: '-1' },
  ],
  'models.rename': [
    { input: { model, name: '   ' }, field: 'name', value: '"   "' },
    { input: { model, name: 'x'.repeat(81) }, field: 'name', value: `"${'x'.repeat(81)}"` },
  ],
  'models.remove': [{ input: { model: 3 }, field: 'model', value: '3' }],
  'models.export': [{ input: {}, field: 'model', value: 'missing' }],
  'models.import': [
    { input: { dataset: 'mnist', name: 'a', upload: '??' }, field: 'upload', value: '"??"' },
    { input: { dataset: 'mnist', upload }, field: 'name', value: 'missing' },
    { input: { dataset: 'mnist', name: 'a', upload, mean: 0 }, field: 'mean', value: '0' },
    notSent({ dataset: 'mnist', name: 'a' }),
  ],
  'methods.inspect': [
    { input: { dataset: 'mnist' }, field: 'upload', value: 'missing' },
    { input: { dataset: 'mnist', upload, split: 'test' }, field: 'split', value: '"test"' },
    notSent({ dataset: 'mnist' }),
  ],
  'methods.import': [
    { input: { dataset: 'mnist', name: 'a', files: [] }, field: 'files', value: '[]' },
    { input: { dataset: 'mnist', files: [{ upload }] }, field: 'name', value: 'missing' },
    {
      input: { dataset: 'mnist', name: 'a', files: [{ upload }, { upload }] },
      field: 'files',
      value: JSON.stringify([{ upload }, { upload }]),
      accepted: /one file for each split/,
    },
  ],
  'methods.covered': [
    { input: { methods: 3 }, field: 'methods', value: '3' },
    { input: { methods: [], split: 'test' }, field: 'split', value: '"test"' },
  ],
  'methods.compose': [
    {
      input: { composition: 'smooth(smooth(gradient))', name: 'Twice' },
      field: 'composition',
      value: '"smooth(smooth(gradient))"',
      accepted: /at most once each/,
    },
    { input: { composition: 'gradient' }, field: 'name', value: 'missing' },
  ],
  'methods.remove': [{ input: {}, field: 'method', value: 'missing' }],
  'maps.explore': [
    { input: { model, images: [], methods: ['random'] }, field: 'images', value: '[]' },
    { input: { model, images: [-1], methods: ['random'] }, field: 'images.0', value: '-1' },
    { input: { model, images: [0], methods: [] }, field: 'methods', value: '[]' },
    {
      input: { model, images: [3, 3], methods: ['random'] },
      field: 'images',
      value: '[3,3]',
      accepted: /each image once/,
    },
    {
      input: { model, images: [3], methods: ['random', 'random'] },
      field: 'methods',
      value: '["random","random"]',
      accepted: /each method once/,
    },
    {
      input: { model, images: [0], methods: ['random'], parameters: { n: 0 } },
      field: 'parameters.n',
      value: '0',
      accepted: /from 1 to 200/,
    },
    {
      input: { model, images: [0], methods: ['random'], parameters: { sigma: -1 } },
      field: 'parameters.sigma',
      value: '-1',
      accepted: /from 0 to 5/,
    },
    {
      input: { model, images: [...Array(17).keys()], methods: ['random'] },
      field: 'images',
      value: JSON.stringify([...Array(17).keys()]),
      accepted: /at most 16/,
    },
  ],
  'maps.cancel': [{ input: { request: 1 }, field: 'request', value: '1' }],
  'roar.forecast': [
    { input: {}, field: 'settings', value: 'missing' },
    { input: { settings: { images: 0 } }, field: 'settings.images', value: '0' },
  ],
  'roar.start': [
    {
      input: { settings: { levels: [0.1, 0.5] } },
      field: 'settings.levels',
      value: '[0.1,0.5]',
      accepted: /start at 0/,
    },
    {
      input: { settings: { levels: [0, 0.5, 0.3] } },
      field: 'settings.levels',
      value: '[0,0.5,0.3]',
      accepted: /ascending/,
    },
    {
      input: { settings: { dataset: 'cifar10', levels: [0, 0.5, 0.5001] } },
      field: 'settings.levels',
      value: '[0,0.5,0.5001]',
      accepted: /0\.5 and 0\.5001 both remove 512 of 1024/,
    },
    {
      input: { settings: { methods: ['smoothgrad'] } },
      field: 'settings.methods',
      value: '["smoothgrad"]',
      accepted: /random/,
    },
    {
      input: { settings: { resamples: 10 } },
      field: 'settings.resamples',
      value: '10',
      accepted: /from 100/,
    },
    {
      input: { settings: { reduction: 'sum' } },
      field: 'settings.reduction',
      value: '"sum"',
    },
    { input: { settings: {}, name: '' }, field: 'name', value: '""' },
  ],
  'roar.result': [{ input: { run: 'run_1' }, field: 'run', value: '"run_1"', accepted: /run id/ }],
  'roar.rename': [{ input: { run, name: '' }, field: 'name', value: '""' }],
  'roar.remove': [{ input: { run: job }, field: 'run', value: `"${job}"` }],
  'roar.degraded': [
    {
      input: { run, method: 'random', level: 1.1, images: [0] },
      field: 'level',
      value: '1.1',
      accepted: /from 0 to 1/,
    },
    { input: { run, method: 'random', level: 0.5, images: [] }, field: 'images', value: '[]' },
    {
      input: { run, method: 'random', level: 0.5, images: [4, 4] },
      field: 'images',
      value: '[4,4]',
      accepted: /each image once/,
    },
    { input: { run, level: 0.5, images: [0] }, field: 'method', value: 'missing' },
  ],
  'roar.compare': [{ input: { a: run }, field: 'b', value: 'missing' }],
  'experiments.forecast': [
    { input: { preset: 'huge' }, field: 'preset', value: '"huge"' },
    { input: { datasets: [] }, field: 'datasets', value: '[]', accepted: /at least one/ },
  ],
  'experiments.start': [
    { input: { kind: 'guess' }, field: 'kind', value: '"guess"' },
    { input: { datasets: ['mnist', 'mnist'] }, field: 'datasets', value: '["mnist","mnist"]' },
    { input: { seed: -1 }, field: 'seed', value: '-1' },
    {
      input: { kind: 'sensitivity', datasets: ['mnist', 'cifar10'] },
      field: 'datasets',
      value: '["mnist","cifar10"]',
      accepted: /one dataset/,
    },
  ],
  'experiments.collect': [
    { input: { runs: [run, run] }, field: 'runs', value: `["${run}","${run}"]`, accepted: /once/ },
    { input: { runs: [] }, field: 'runs', value: '[]', accepted: /at least one run/ },
    { input: { runs: ['x'] }, field: 'runs.0', value: '"x"', accepted: /run id/ },
  ],
  'experiments.result': notAnExperiment,
  'experiments.remove': notAnExperiment,
  'experiments.rename': [
    ...notAnExperiment.map((refusal) => ({ ...refusal, input: { experiment: 'x', name: 'y' } })),
    { input: { experiment, name: ' ' }, field: 'name', value: '" "' },
  ],
  'experiments.setStudy': [
    { input: { experiment, study: 'x' }, field: 'study', value: '"x"', accepted: /study id/ },
  ],
  'experiments.export': [
    { input: { experiment, format: 'x' }, field: 'format', value: '"x"', accepted: /figures/ },
  ],
  'maps.sheet': [
    { input: { of: { kind: 'run', run: 'x' } }, field: 'of.run', value: '"x"' },
    { input: { of: { kind: 'run', run }, images: 21 }, field: 'images', value: '21' },
    { input: { of: { kind: 'datasets', datasets: [] } }, field: 'of.datasets', value: '[]' },
    {
      input: { of: { kind: 'datasets', datasets: ['mnist', 'mnist'] } },
      field: 'of.datasets',
      value: '["mnist","mnist"]',
      accepted: /each dataset once/,
    },
  ],
  'maps.sheetExport': [
    { input: { of: { kind: 'run', run }, format: 'pdf' }, field: 'format', value: '"pdf"' },
  ],
  'roar.export': [
    { input: { run, format: 'curves.xlsx' }, field: 'format', value: '"curves.xlsx"' },
  ],
  'studies.get': notAStudy,
  'studies.close': notAStudy,
  'studies.reopen': notAStudy,
  'studies.remove': notAStudy,
  'studies.prepare': notAStudy,
  'studies.export': notAStudy,
  'studies.import': [{ input: {}, field: 'upload', value: 'missing' }, notSent()],
  'studies.rename': [{ input: { study, name: ' ' }, field: 'name', value: '" "' }],
  'studies.preview': [{ input: {}, field: 'config', value: 'missing' }],
  'studies.create': [
    {
      input: { name: 'a', config: { datasets: [] } },
      field: 'config.datasets',
      value: '[]',
      accepted: /at least one dataset/,
    },
  ],
  'studies.edit': [
    {
      input: {
        study,
        config: { datasets: [{ dataset: 'mnist', model }], design: { repeatGap: 19 } },
      },
      field: 'config.design.repeatGap',
      value: '19',
      accepted: /from 20/,
    },
  ],
  'raters.list': notAStudy,
  'raters.create': [{ input: { study, count: 201 }, field: 'count', value: '201' }],
  'raters.link': [{ input: { rater: 'R1' }, field: 'rater', value: '"R1"', accepted: /rater id/ }],
  'raters.withdraw': [{ input: {}, field: 'rater', value: 'missing' }],
  'results.get': [
    ...notAStudy,
    { input: { study, filters: { from: 'May' } }, field: 'filters.from', value: '"May"' },
    {
      input: { study, filters: { raters: [] } },
      field: 'filters.raters',
      value: '[]',
      accepted: /at least one rater, or null for all/,
    },
    {
      input: { study, filters: { images: [] } },
      field: 'filters.images',
      value: '[]',
      accepted: /at least one image, or null for all/,
    },
    {
      input: { study, filters: { from: '2026-02-01', to: '2026-01-31' } },
      field: 'filters.to',
      value: '"2026-01-31"',
      accepted: /a day from 2026-02-01 on/,
    },
  ],
  'results.choices': notAStudy,
  'results.kappas': [
    ...notAStudy,
    {
      input: { study, question: 'Clarity', dataset: 'mnist' },
      field: 'question',
      value: '"Clarity"',
    },
  ],
  'results.reveal': notAStudy,
  'results.export': [{ input: { study, format: 'xlsx' }, field: 'format', value: '"xlsx"' }],
  'ratings.export': notAStudy,
  'ratings.preview': notACsv(),
  'ratings.import': notACsv(),
  'ratings.erase': [
    { input: { rater: 'R1' }, field: 'rater', value: '"R1"', accepted: /rater id/ },
  ],
  'backup.restore': [{ input: {}, field: 'path', value: 'missing' }],
  'annotator.begin': [
    { input: { study: 'x' }, field: 'study', value: '"x"', accepted: /study id/ },
    {
      input: { study, passphrase: 'abc' },
      field: 'passphrase',
      value: '"abc"',
      accepted: /at least 4/,
    },
  ],
  'rating.open': [{ input: { screen: { width: 1 } }, field: 'screen.height', value: 'missing' }],
  'rating.enter': [
    {
      input: { code: 'Jane Doe', screen },
      field: 'code',
      value: '"Jane Doe"',
      accepted: /no names/,
    },
    { input: { code: null }, field: 'screen', value: 'missing' },
  ],
  'rating.describe': [
    { input: { experience: 'some', answers: {} }, field: 'experience', value: '"some"' },
    { input: { experience: 'naive', answers: { age: 3 } }, field: 'answers.age', value: '3' },
  ],
  'rating.advance': [{ input: { from: 'trials' }, field: 'from', value: '"trials"' }],
  'rating.pixels': [
    { input: { id: '../secret' }, field: 'id', value: '"../secret"', accepted: /one-time id/ },
  ],
  'rating.trial': [{ input: { position: -1 }, field: 'position', value: '-1' }],
  'rating.answer': [
    { input: { ...answer, score: 10 }, field: 'score', value: '10', accepted: /from 1 to 9/ },
    { input: { ...answer, score: 2.5 }, field: 'score', value: '2.5', accepted: /from 1 to 9/ },
    { input: { ...answer, event: '1' }, field: 'event', value: '"1"', accepted: /UUID/ },
    { input: { ...answer, question: 'Beauty' }, field: 'question', value: '"Beauty"' },
    { input: { ...answer, telemetry: {} }, field: 'telemetry.responseMs', value: 'missing' },
  ],
  'jobs.get': [{ input: { job: '' }, field: 'job', value: '""', accepted: /job id/ }],
  'jobs.cancel': [{ input: {}, field: 'job', value: 'missing' }],
  'jobs.resume': [{ input: { job: run }, field: 'job', value: `"${run}"` }],
  'machines.test': [
    { input: { host: ' ', port: 6379 }, field: 'host', value: '" "', accepted: /host name/ },
    { input: { host: 'q', port: 0 }, field: 'port', value: '0', accepted: /1 to 65535/ },
  ],
  'machines.setQueue': [
    { input: { host: 'q', port: 70000 }, field: 'port', value: '70000', accepted: /1 to 65535/ },
  ],
  'machines.setWork': [
    { input: { workplace: 'moon', threads: null }, field: 'workplace', value: '"moon"' },
    { input: { workplace: 'here', threads: 0 }, field: 'threads', value: '0', accepted: /256/ },
  ],
  'machines.createJoin': [
    { input: { name: 'My desk' }, field: 'name', value: '"My desk"', accepted: /hyphens/ },
    { input: { name: 'desk', listen: ' ' }, field: 'listen', value: '" "', accepted: /address/ },
  ],
  'machines.revokeJoin': [{ input: { name: '../x' }, field: 'name', value: '"../x"' }],
  'machines.drain': [{ input: { worker: '', drain: true }, field: 'worker', value: '""' }],
};
