import { createHash } from 'node:crypto';
import { type ImportedMethod } from '../../../../../src/main/core/maps/imported-repository';
import { MethodsService } from '../../../../../src/main/core/maps/methods';
import { type AppParts } from '../../../../../src/main/core/services';
import { type Method, paperMethods } from '../../../../../src/shared/catalogue/methods';
import { type RoarSettings } from '../../../../../src/shared/catalogue/roar';
import { encodeNpy } from '../../../../../src/shared/npy';
import { questionIds } from '../../../../../src/shared/ratings/questions';
import { type StudyConfig, studyConfigSchema } from '../../../../../src/shared/ratings/study';
import { sampleScores } from '../../evaluation/report/sample-run';
import { at, id, newModel } from '../../storage/helpers';
import { roarSettings } from '../../../../fixtures/datasets';

export const studyId = id('study', 'a');
export const runId = id('run', 'a');
export const composed = 'integrate(smooth(guided))';
const base = id('model', 'a');
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** Maps that were made elsewhere. */
export const lime = {
  id: `imported-${sha256('lime')}`,
  composition: `imported-${sha256('lime')}`,
  about: { dataset: 'mnist', model: null, citation: 'Ribeiro et al. 2016', file: 'lime.npy' },
} as const;

export interface SampleStudy {
  readonly config: StudyConfig;
  readonly settings: RoarSettings;
}

export interface SampleOptions {
  readonly config?: Partial<StudyConfig>;
  readonly settings?: Partial<RoarSettings>;
  readonly state?: 'open' | 'closed';
  /** A method whose maps were made elsewhere, beside the others. */
  readonly imported?: Pick<Method, 'id' | 'name' | 'composition'> & {
    readonly about: Omit<ImportedMethod, 'files'>;
  };
}

/**
 * A rated study beside the ROAR run that it names, with made-up maps, labels and scores: a composed
 * method, practice, checks, repeats, a changed label, a rater who took consent back.
 */
export async function addSampleStudy(
  core: AppParts,
  options: SampleOptions = {},
): Promise<SampleStudy> {
  const methods = new MethodsService({ ...core, methodUsers: () => [] });
  const { id: own } = methods.compose({ composition: composed, name: 'Our, "own" method' });
  const { imported } = options;
  if (imported) {
    const files = [{ name: 'a', sha256: sha256('a') }];
    core.methods.insert(imported, at(1));
    core.imported.put(imported.id, { ...imported.about, files }, []);
  }
  const outside = imported ? [imported.id] : [];
  const ids = [
    ...paperMethods.slice(0, 5).map(({ id: paper }) => paper),
    own,
    ...outside,
    'random',
  ];
  const config = studyConfigSchema.parse({
    datasets: [{ dataset: 'mnist', model: base, run: runId }],
    methods: ids,
    design: { seed: 3 },
    ...options.config,
  });
  const settings = roarSettings({
    images: 20,
    levels: [0, 0.3, 0.6, 0.9],
    methods: ids,
    resamples: 200,
    ...options.settings,
  });
  await addModels(core, settings);
  addRun(core, settings, methods.resolve(settings.methods));
  await addStudy(core, config, methods.resolve(config.methods), options.state ?? 'closed');
  addPeople(core, config);
  return { config, settings };
}

/** The t = 0 model with its weights, and the others of the run, one of them without a row. */
async function addModels(core: AppParts, settings: RoarSettings): Promise<void> {
  const weights = new Uint8Array(64).fill(7);
  const key = sha256('weights');
  await core.artifacts.put({ bytes: weights, kind: 'weights', key });
  settings.levels.slice(0, 3).forEach((level, i) => {
    const letter = 'abc'.charAt(i);
    core.models.insert(
      newModel(letter, { removal: { level, fill: 'image-mean', mask: 'fixed' }, state: 'ready' }),
    );
    core.models.putEpoch(
      id('model', letter),
      { epoch: 0, loss: 0.3, trainAccuracy: 0.9, validationAccuracy: 0.95, seconds: 12.5 },
      null,
      null,
    );
    core.models.finish(id('model', letter), key, 0.97 - 0.01 * i);
  });
}

function addRun(core: AppParts, settings: RoarSettings, methods: readonly Method[]): void {
  const { jobs, runs } = core;
  const job = id('job', 'a');
  jobs.insert({
    ...{ id: job, kind: 'roar', title: 'ROAR', subject: runId, input: { run: runId } },
    stages: [{ id: 'score', title: 'Score', items: settings.levels.length }],
    createdAt: at(1),
  });
  settings.levels.forEach((level) =>
    jobs.finishItem(job, 'score', {
      ...{ item: String(level), artifacts: [], reused: false, seconds: 1.25, finishedAt: at(9) },
    }),
  );
  jobs.finish(job, 'done', at(10));
  runs.insert({ id: runId, name: 'Small run', settings, job, createdAt: at(1) });
  runs.setImages(
    runId,
    Array.from({ length: settings.images }, (_, i) => ({ image: 10 + i, label: i % 10 })),
  );
  settings.levels.forEach((level, i) => {
    const model = i < 3 ? id('model', 'abc'.charAt(i)) : null;
    runs.putLevel(runId, { level, model, reused: i === 1, seconds: 3.5 });
  });
  const { scores, tied } = sampleScores(settings, methods);
  methods.forEach((method, m) =>
    settings.levels.forEach((level, l) => {
      const start = (m * settings.levels.length + l) * settings.images;
      const part = (from: Float32Array) => [...from.subarray(start, start + settings.images)];
      runs.putScores(runId, 0, {
        method: method.id,
        level,
        scores: part(scores),
        tied: part(tied),
      });
    }),
  );
}

const images = ['4', '15', '8'];
const [height, width] = [6, 5];

async function addStudy(
  core: AppParts,
  config: StudyConfig,
  methods: readonly Method[],
  state: 'open' | 'closed',
): Promise<void> {
  const { studies, studyLog } = core;
  const closedAt = state === 'closed' ? at(50) : null;
  studies.insert({
    ...{ id: studyId, name: 'Pilot', version: 1, previous: null, origin: 'designed', state },
    ...{ config, hash: sha256('study'), job: null, revealedAt: null, createdAt: at(2), closedAt },
  });
  studyLog.add(studyId, 'closed', 'It was, "well", closed.', at(50));
  const pictures = new Uint8Array((images.length + 1) * height * width).map((_, i) => i % 251);
  const key = sha256('pictures');
  const shape = [images.length + 1, height, width, 1];
  await core.artifacts.put({
    ...{ bytes: encodeNpy({ shape, data: pictures }), kind: 'images', key },
  });
  studies.putDataset(studyId, {
    ...{ dataset: 'mnist', position: 0, modelSha256: sha256(new Uint8Array(64).fill(7)) },
    datasetKey: { dataset: 'mnist', files: [{ name: 'a', sha256: sha256('a') }] },
    engineKey: { tensorflow: '2.21.0', plan: { a: 1 } },
    classes: ['zero', 'one'],
    images: key,
  });
  studies.putImages(
    studyId,
    'mnist',
    [...images, '99'].map((image, position) => ({
      ...{ position, image, label: position % 2, practice: position === images.length },
    })),
  );
  for (const [m, { id: method, composition }] of methods.entries()) {
    const data = new Float32Array(images.length * height * width).map((_, i) => Math.sin(i + m));
    const artifact = sha256(`map ${method}`);
    const bytes = encodeNpy({ shape: [images.length, height, width, 1], data });
    await core.artifacts.put({ bytes, kind: 'map', key: artifact });
    studies.putMap(studyId, { dataset: 'mnist', method, composition, artifact });
  }
}

function addPeople(core: AppParts, config: StudyConfig): void {
  const { raters, ratingEvents } = core;
  let drawn = 0;
  ['R1', 'R2', 'R3', 'Gone'].forEach((code, ordinal) => {
    const rater = id('rater', 'abcd'.charAt(ordinal));
    const session = id('session', 'abcd'.charAt(ordinal));
    raters.insert({ id: rater, study: studyId, code, ordinal, createdAt: at(3) });
    raters.describe(rater, {
      experience: ordinal === 0 ? 'seen' : 'naive',
      answers: { age: 'fifty,\n"ish"' },
    });
    raters.setConsented(rater, at(4));
    raters.addSession({
      ...{ id: session, rater, entry: 'desk', screenWidth: 1280, screenHeight: 800 },
      ...{ pixelRatio: 1.5, startedAt: at(4) },
    });
    const pairs = images.flatMap((image) => config.methods.map((method) => ({ image, method })));
    const [first] = pairs;
    const shown = [
      ...pairs.map((pair) => ({ ...pair, kind: 'main' as const, repeat: 0 })),
      ...(first ? [{ ...first, kind: 'repeat' as const, repeat: 1 }] : []),
      { image: '99', method: 'flat', kind: 'attention' as const, repeat: 0 },
    ];
    raters.putTrials(
      rater,
      shown.map((trial, position) => ({
        ...{ ...trial, position, dataset: 'mnist', firstQuestion: 'edge-differentiation' },
        checkKind: trial.kind === 'attention' ? 'flat' : null,
        expectedLow: trial.kind === 'attention' ? 1 : null,
        expectedHigh: trial.kind === 'attention' ? 2 : null,
      })),
    );
    const label = (position: number, question: (typeof questionIds)[number], score: number) => {
      const trial = shown[position];
      if (!trial) return;
      drawn += 1;
      const { image, method, kind, repeat } = trial;
      ratingEvents.append({
        ...{ event: `event-${drawn}`, study: studyId, rater: code, session, action: 'rate' },
        ...{ dataset: 'mnist', image, method, question, kind, repeat, score },
        ...{ trial: String(position), responseMs: 800 + drawn / 3, zoom: 4.25, input: 'keyboard' },
        ...{ ratedAt: at(5 + drawn), recordedAt: at(5 + drawn) },
      });
    };
    shown.forEach((_, position) =>
      questionIds.forEach((question, q) =>
        label(position, question, 1 + ((position * 7 + ordinal + q * 3) % 5)),
      ),
    );
    // Minds are changed.
    label(2, 'visual-coherence', 5);
  });
  ratingEvents.append({
    ...{ event: 'gone', study: studyId, rater: 'Gone', session: null, action: 'withdraw' },
    recordedAt: at(900),
  });
}
