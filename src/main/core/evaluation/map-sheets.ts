import sharp from 'sharp';
import { capital } from '../../../shared/format/capital';
import { percent } from '../../../shared/format/numbers';
import { canonicalJson } from '../../../shared/canonical';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { completeRoarSettings } from '../../../shared/catalogue/complete-settings';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type Method, paperMethods } from '../../../shared/catalogue/methods';
import { grayscaleRgba, imageRgba, type Rgba } from '../../../shared/display/colour';
import { sliceImage } from '../../../shared/display/slice';
import { conflict, toErrorData } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type MapSheet, type MapSheetBlock, type MapSheetInput } from '../../../shared/map-sheets';
import { type RunRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { stratifiedIndices } from '../../../shared/selection';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { openFont } from '../export/figure/font';
import { pngOf } from '../export/figure/png';
import { type ExploreCacheRepository } from '../maps/explore-cache';
import { type MethodsService } from '../maps/methods';
import { mapSheetHtml } from '../maps/sheet-html';
import { mapSheetSvg } from '../maps/sheet-svg';
import { type ModelsRepository, type StoredModel } from '../models/models-repository';
import { type ModelsService } from '../models/models-service';
import { type Database } from '../storage/database';
import { type Clock } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type ExportStore } from '../storage/transit/export-store';
import { type RoarResults } from './roar-results';
import { type RunsRepository } from './runs-repository';
import { mapsForSheet } from './sheet-maps';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type ParameterValues } from '../../../shared/catalogue/parameter';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'datasets' | 'networks' | 'metrics'>;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly exploreCache: ExploreCacheRepository;
  readonly exports: ExportStore;
  readonly files: InstalledFiles;
  readonly models: ModelsRepository;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
  readonly version: string;
}

interface Services {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly models: ModelsService;
  readonly results: RoarResults;
  /** The runs of an experiment. Throws `not-found`. */
  readonly members: (experiment: string) => readonly { readonly run: RunRecord }[];
  /** What pages name as the publication that they stand beside. */
  readonly reference: () => string;
}

const mimes = {
  'maps.html': 'text/html; charset=utf-8',
  'maps.svg': 'image/svg+xml',
  'maps.png': 'image/png',
} as const;

/** Small multiples of maps by method and dataset, as data and as a printable page. */
export class MapSheetsService {
  readonly #parts: Parts;
  readonly #services: Services;

  constructor(parts: Parts, services: Services) {
    this.#parts = parts;
    this.#services = services;
  }

  async sheet({ of, images }: MapSheetInput): Promise<MapSheet> {
    const blocks: MapSheetBlock[] = [];
    const notes: string[] = [];
    const note = (name: string, error: unknown) => {
      notes.push(`${name}: ${toErrorData(error).message}`);
    };
    if (of.kind === 'run') {
      blocks.push(await this.#ofRun(this.#services.results.run(of.run), images));
    } else if (of.kind === 'experiment') {
      for (const { run } of this.#services.members(of.experiment)) {
        await this.#ofRun(run, images).then(
          (block) => void blocks.push(block),
          (error: unknown) => note(run.name, error),
        );
      }
    } else {
      const { datasets } = this.#services;
      const asked = of.datasets.map((id, i) => datasets.facts(id, `of.datasets.${i}`));
      for (const dataset of asked) {
        await this.#ofDataset(dataset, images).then(
          (block) => void blocks.push(block),
          (error: unknown) => note(dataset.name, error),
        );
      }
    }
    return { blocks, notes };
  }

  async export({ format, ...input }: RouteParsed<'maps.sheetExport'>): Promise<ExportFile> {
    const sheet = await this.sheet(input);
    if (sheet.blocks.length === 0) {
      throw conflict(`There are no maps to show. ${sheet.notes.join(' ')}`.trim());
    }
    const font = openFont(this.#parts.files.fonts);
    const bytes =
      format === 'maps.html'
        ? Buffer.from(mapSheetHtml(sheet, font, this.#services.reference(), this.#parts.version))
        : format === 'maps.svg'
          ? Buffer.from(mapSheetSvg(sheet, font, 'real'))
          : Buffer.from(await pngOf(mapSheetSvg(sheet, font, 'paths')));
    return this.#parts.exports.put(format, mimes[format], bytes);
  }

  async #ofRun(run: RunRecord, limit: number): Promise<MapSheetBlock> {
    const { runs } = this.#parts;
    const base = runs.levels(run.id).find(({ level }) => level === 0)?.model ?? null;
    if (base === null) throw conflict(`${run.name} has no model of level 0 yet.`);
    const model = this.#services.models.ready(base);
    return this.#block(run.settings, run, model, runs.images(run.id), limit);
  }

  /** The newest t = 0 model, with the maps of the newest finished run on it where there is one. */
  async #ofDataset(facts: DatasetFacts, limit: number): Promise<MapSheetBlock> {
    const { models, runs } = this.#parts;
    const { id: dataset } = facts;
    const { operators } = this.#services.methods;
    const newest = models.newestReady(dataset);
    if (!newest) throw conflict('No model is trained on whole images yet.');
    const model = this.#services.models.ready(newest.id);
    const { networks, metrics } = this.#parts.catalogues;
    const of = { dataset: facts, networks: networks.list, metrics };
    const settings = completeRoarSettings(of, { dataset });
    const like = runs
      .list()
      .filter(
        (run) =>
          run.state === 'done' &&
          usualMaps(operators, run.settings) &&
          run.settings.methods.every((method) => runs.maps(run.id, method).length > 0) &&
          runs.levels(run.id).some(({ level, model: own }) => level === 0 && own === model.id),
      );
    const wanted = canonicalJson(settings.parameters);
    const exact = like.find((run) => canonicalJson(run.settings.parameters) === wanted);
    const run = exact ?? like[0];
    if (run) return this.#ofRun(run, limit);
    const labels = await this.#services.datasets.labels(dataset, 'validation');
    const images = stratifiedIndices(labels, settings.images, settings.seed);
    const labelled = images.map((image) => ({ image, label: labels[image] ?? 0 }));
    return this.#block(settings, null, model, labelled, limit);
  }

  async #block(
    settings: RunRecord['settings'],
    run: RunRecord | null,
    model: StoredModel & { artifact: string; sha256: string },
    images: readonly { readonly image: number; readonly label: number }[],
    limit: number,
  ): Promise<MapSheetBlock> {
    const { datasets, methods } = this.#services;
    const { dataset, parameters, seed } = settings;
    const chosen = firstOfEachClass(images).slice(0, limit);
    const shown = inPaperOrder(methods.resolve(settings.methods));
    const { classes } = await datasets.record(dataset);
    const pixels = await datasets.pixels(
      dataset,
      'validation',
      chosen.map(({ image }) => image),
    );
    const [height = 0, width = 0] = pixels.images.shape.slice(1);
    const png = (rgba: Rgba) => thumbnail(rgba, width, height);
    const rows: MapSheetBlock['rows'] = await Promise.all(
      chosen.map(async ({ image, label }, i) => ({
        ...{ image, label, class: classes[label] ?? String(label) },
        picture: await png(imageRgba(sliceImage(pixels.images, i))),
        maps: [],
      })),
    );
    const of = { dataset, model, run: run?.id ?? null, parameters, seed, images: chosen };
    for (const method of shown) {
      const maps = await mapsForSheet(this.#parts, methods.operators, datasets, of, method);
      for (const [i, map] of maps.entries()) {
        rows[i]?.maps.push(await png(grayscaleRgba(map, settings.reduction)));
      }
    }
    return {
      dataset,
      name: datasets.facts(dataset).name,
      model: { id: model.id, name: model.name },
      run: run && { id: run.id, name: run.name },
      methods: shown.map(({ id, name }) => ({ id, name })),
      rows,
      caption: caption(methods.operators, settings, model),
    };
  }
}

/** Whether a run's maps are the paper's by our reading, but for how many samples and steps. */
function usualMaps(
  operators: OperatorCatalogue,
  { reduction, parameters }: RunRecord['settings'],
): boolean {
  const usual = Object.entries(operators.parameters).every(
    ([name, parameter]) =>
      ('counts' in parameter && parameter.counts !== undefined) ||
      (parameters as ParameterValues)[name] === parameter.default,
  );
  return reduction === 'absolute' && usual;
}

function firstOfEachClass(images: readonly { readonly image: number; readonly label: number }[]) {
  const first = new Map<number, { image: number; label: number; position: number }>();
  images.forEach(({ image, label }, position) => {
    if (!first.has(label)) first.set(label, { image, label, position });
  });
  return [...first.values()].sort((a, b) => a.label - b.label);
}

/** Without the random map, which shows nothing of a model. */
function inPaperOrder(methods: readonly Method[]): Method[] {
  const place = ({ id }: Method) => {
    const at = paperMethods.findIndex((method) => method.id === id);
    return at < 0 ? paperMethods.length : at;
  };
  return methods.filter(({ id }) => id !== 'random').sort((a, b) => place(a) - place(b));
}

function caption(
  operators: OperatorCatalogue,
  settings: RunRecord['settings'],
  model: StoredModel,
): string {
  const { target, ...others } = settings.parameters;
  const accuracy = model.validationAccuracy;
  return [
    `Maps of ${model.name}${accuracy === null ? '' : `, ${percent(accuracy)} validation accuracy`}, for the ${
      target === 'label' ? 'label' : target === 'predicted' ? 'predicted class' : `class ${target}`
    };`,
    `${capital(operators.inWords(others))}.`,
    `Gray values: the ${settings.reduction} reduction over channels, clipped at the 99th percentile of each map.`,
  ].join(' ');
}

async function thumbnail(rgba: Rgba, width: number, height: number): Promise<string> {
  const bytes = await sharp(rgba, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer();
  return bytes.toString('base64');
}
