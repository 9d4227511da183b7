import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppOptions, createApp } from '../../../../src/main/core/app';
import { ArtifactStore } from '../../../../src/main/core/artifacts/artifact-store';
import { ImportedRepository } from '../../../../src/main/core/maps/imported-repository';
import { MethodsRepository } from '../../../../src/main/core/maps/methods-repository';
import { openDataDirectory } from '../../../../src/main/core/storage/data-directory';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { linkTokenHash } from '../../../../src/main/core/studies/link-token';
import { RatersRepository } from '../../../../src/main/core/studies/raters-repository';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import {
  type Method,
  builtInMethods,
  paperMethods,
  randomMethodId,
} from '../../../../src/shared/catalogue/methods';
import { type EnginePort } from '../../../../src/shared/engine';
import { StudioError } from '../../../../src/shared/errors';
import { makeId } from '../../../../src/shared/ids';
import { encodeNpy } from '../../../../src/shared/npy';
import { type StudyConfig, studyConfigSchema } from '../../../../src/shared/ratings/study';

export interface InvitedRater {
  readonly id: string;
  readonly code: string;
  /** Of the link. */
  readonly token: string;
}

export interface World {
  readonly dataDir: string;
  readonly study: string;
  readonly config: StudyConfig;
  /** Compositions by method: what must never reach a rater. */
  readonly compositions: Readonly<Record<string, string>>;
  readonly raters: readonly InvitedRater[];
  /** Opens the application; `remove` closes what is open. */
  open(options?: Partial<AppOptions>): Promise<App>;
  remove(): Promise<void>;
}

export interface WorldOptions {
  /** Images of the study, without those for practice. */
  readonly images?: number;
  readonly methods?: readonly string[];
  readonly design?: Partial<StudyConfig['design']>;
  readonly config?: Partial<StudyConfig>;
  /** Raters invited by a link. */
  readonly raters?: number;
  readonly name?: string;
  /** One of the methods whose maps were made elsewhere. */
  readonly imported?: Method;
}

/** No request of a rating session may get as far as the engine. */
export const noEngine = (): EnginePort => ({
  request: async () => {
    throw new StudioError({ code: 'engine-unavailable', message: 'There is no engine here.' });
  },
  close: async () => undefined,
});

const [height, width] = [28, 28];
const examples = 6;

/**
 * A data directory with an open study whose images and maps are drawn here, by no engine: every
 * picture differs from every other, so that each can be told by its bytes.
 */
export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'studio-ratings-'));
  const { images = 4, raters: invited = 2 } = options;
  const { imported } = options;
  const methods = options.methods ?? [
    ...paperMethods.map(({ id }) => id),
    randomMethodId,
    ...(imported ? [imported.id] : []),
  ];
  const config = studyConfigSchema.parse({
    datasets: [{ dataset: 'mnist', model: makeId('model', randomBytes(10)) }],
    methods,
    design: { practice: 2, ...options.design },
    ...options.config,
  });
  const compositions: Record<string, string> = {};
  for (const method of methods) {
    const known = [...builtInMethods, ...(imported ? [imported] : [])];
    compositions[method] = known.find(({ id }) => id === method)?.composition ?? `${method}()`;
  }

  const directory = openDataDirectory({
    path: dataDir,
    migrations: installedFiles().migrations,
    mode: 'write',
    shell: 'test',
    now: () => new Date(),
  });
  const study = makeId('study', randomBytes(10));
  const people: InvitedRater[] = [];
  try {
    const { database } = directory;
    const artifacts = new ArtifactStore({
      root: directory.artifacts,
      database,
      now: () => new Date(),
    });
    if (imported?.imported) {
      const { dataset, model, citation, file } = imported.imported;
      new MethodsRepository(database).insert(imported, new Date().toISOString());
      new ImportedRepository(database).put(
        imported.id,
        { dataset, model, citation, file, files: [] },
        [],
      );
    }
    const [studies, raters] = [new StudiesRepository(database), new RatersRepository(database)];
    const createdAt = new Date().toISOString();
    studies.insert({
      id: study,
      name: options.name ?? 'Made maps',
      version: 1,
      previous: null,
      origin: 'designed',
      state: 'open',
      config,
      hash: sha256(study),
      job: null,
      revealedAt: null,
      createdAt,
      closedAt: null,
    });
    const count = images + examples;
    const imagesKey = sha256(`${study} images`);
    await artifacts.put({ kind: 'images', key: imagesKey, bytes: encodeNpy(drawnImages(count)) });
    studies.putDataset(study, {
      dataset: 'mnist',
      position: 0,
      modelSha256: sha256('model'),
      datasetKey: { dataset: 'mnist', files: [] },
      engineKey: {},
      classes: Array.from({ length: 10 }, (_, digit) => `digit ${digit}`),
      images: imagesKey,
    });
    studies.putImages(
      study,
      'mnist',
      Array.from({ length: count }, (_, position) => ({
        position,
        image: String(7000 + 13 * position),
        label: position % 10,
        practice: position >= images,
      })),
    );
    for (const [index, method] of methods.entries()) {
      const artifact = sha256(`${study} ${method}`);
      await artifacts.put({
        kind: 'map',
        key: artifact,
        bytes: encodeNpy(drawnMaps(count, index)),
      });
      studies.putMap(study, {
        dataset: 'mnist',
        method,
        composition: compositions[method] ?? method,
        artifact,
      });
    }
    for (let ordinal = 0; ordinal < invited; ordinal += 1) {
      const rater = { id: makeId('rater', randomBytes(10)), code: `P${ordinal + 1}` };
      const token = randomBytes(32).toString('base64url');
      raters.insert({ ...rater, study, ordinal, createdAt });
      raters.setToken(rater.id, linkTokenHash(token));
      people.push({ ...rater, token });
    }
  } finally {
    directory.close();
  }

  const open = new Set<App>();
  return {
    dataDir,
    study,
    config,
    compositions,
    raters: people,
    async open(appOptions = {}) {
      const app = await createApp({
        dataDir,
        shell: 'browser',
        startEngine: noEngine,
        ...appOptions,
      });
      open.add(app);
      return app;
    },
    async remove() {
      for (const app of open) await app.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A bright bar, elsewhere on each image, over a pattern of its own. */
function drawnImages(count: number) {
  const data = new Uint8Array(count * height * width);
  for (let i = 0; i < data.length; i += 1) {
    const image = Math.floor(i / (height * width));
    const [y, x] = [Math.floor(i / width) % height, i % width];
    const inBar = Math.abs(x - 8 - (image % 12)) < 3 && y > 4 && y < 24;
    data[i] = inBar ? 255 : (image * 29 + y * 3 + x) % 60;
  }
  return { shape: [count, height, width, 1], data };
}

function drawnMaps(count: number, method: number) {
  const data = new Float32Array(count * height * width);
  for (let i = 0; i < data.length; i += 1) {
    const image = Math.floor(i / (height * width));
    const [y, x] = [Math.floor(i / width) % height, i % width];
    data[i] = Math.sin((method + 2) * x * 0.21 + image) * Math.cos((image + 1) * y * 0.13 + method);
  }
  return { shape: [count, height, width, 1], data };
}
