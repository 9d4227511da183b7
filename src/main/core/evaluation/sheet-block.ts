import sharp from 'sharp';
import {
  importedNotes,
  markedName,
  type Method,
  paperMethods,
} from '../../../shared/catalogue/methods';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { valueAt } from '../../../shared/checked-reads';
import { grayscaleRgba, imageRgba, type Rgba } from '../../../shared/display/colour';
import { sliceImage } from '../../../shared/display/slice';
import { capital } from '../../../shared/format/capital';
import { percent } from '../../../shared/format/numbers';
import { type MapSheetBlock } from '../../../shared/map-sheets';
import { type RunRecord } from '../../../shared/records';
import { sightOf } from '../../../shared/model-input';
import { type DatasetsService } from '../datasets/datasets-service';
import { type MethodsService } from '../maps/methods';
import { type StoredModel } from '../models/models-repository';
import { type ReadyModel } from '../models/models-service';
import { mapsForSheet, type SheetMapParts } from './sheet-maps';

interface Parts {
  readonly datasets: DatasetsService;
  readonly maps: SheetMapParts;
  readonly methods: MethodsService;
}

/** What a block of a sheet shows maps of. */
export interface SheetSubject {
  readonly settings: RunRecord['settings'];
  /** The run that may have stored them; null: none. */
  readonly run: RunRecord | null;
  readonly model: ReadyModel;
  /** Of the validation split, to choose from. */
  readonly images: readonly { readonly image: number; readonly label: number }[];
}

/** @param limit at most so many images: the first of each class */
export async function sheetBlock(
  { datasets, maps, methods }: Parts,
  { settings, run, model, images }: SheetSubject,
  limit: number,
): Promise<MapSheetBlock> {
  const { dataset, parameters, seed } = settings;
  const chosen = firstOfEachClass(images).slice(0, limit);
  const shown = inPaperOrder(methods.resolve(settings.methods));
  const { classes } = await datasets.record(dataset);
  const indices = chosen.map(({ image }) => image);
  const pixels = await datasets.pixels(dataset, 'validation', indices, sightOf(model.input));
  const height = valueAt(pixels.images.shape, 1);
  const width = valueAt(pixels.images.shape, 2);
  const png = (rgba: Rgba) => thumbnail(rgba, width, height);
  const rows: MapSheetBlock['rows'] = await Promise.all(
    chosen.map(async ({ image, label }, i) => ({
      image,
      label,
      class: classes[label] ?? String(label),
      picture: await png(imageRgba(sliceImage(pixels.images, i))),
      maps: [],
    })),
  );
  const of = { dataset, model, run: run?.id ?? null, parameters, seed, images: chosen };
  for (const method of shown) {
    for (const [i, map] of (await mapsForSheet(maps, of, method)).entries()) {
      valueAt(rows, i).maps.push(await png(grayscaleRgba(map, settings.reduction)));
    }
  }
  return {
    dataset,
    name: datasets.facts(dataset).name,
    model: { id: model.id, name: model.name },
    run: run && { id: run.id, name: run.name },
    methods: shown.map((method) => ({ id: method.id, name: markedName(method) })),
    rows,
    caption: [caption(methods.operators, settings, model), ...importedNotes(shown)].join(' '),
  };
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
