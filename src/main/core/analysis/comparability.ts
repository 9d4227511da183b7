import { canonicalJson } from '../../../shared/canonical';
import { parseComposition } from '../../../shared/catalogue/compositions';
import { type DatasetsService } from '../datasets/datasets-service';
import { type Method, randomMethodId } from '../../../shared/catalogue/methods';
import { summariesOf } from '../../../shared/method-summary';
import { type ComparedRun } from '../../../shared/ratings/results';
import { type StudyConfig } from '../../../shared/ratings/study';
import { type RunRecord } from '../../../shared/records';
import { imageAreas } from '../../../statistics/image-areas';
import { engineKey, isSameEngine, storedEngineKey } from '../artifacts/keys';
import { type RoarResults } from '../evaluation/roar-results';
import { type RunsRepository } from '../evaluation/runs-repository';
import { type MethodsService } from '../maps/methods';
import { type ModelsRepository } from '../models/models-repository';
import { type StoredStudy, type StudiesRepository } from '../studies/studies-repository';
import { type ComparedAreas } from './input';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

interface Parts {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly models: ModelsRepository;
  readonly roar: RoarResults;
  readonly runs: RunsRepository;
  readonly studies: StudiesRepository;
}

/** The run that one dataset of a study is compared with: for the chart, and for the correlations. */
export interface Comparability {
  readonly compared: ComparedRun;
  readonly areas: ComparedAreas;
  /** What must be said of it, though they can be compared. */
  readonly note: string | null;
}

/**
 * Compares studies with runs. A run can be compared with a dataset's ratings only if its maps are
 * those that were rated: the same t = 0 model by its hash and, for each method of both, the same composition,
 * relevant parameters and seed.
 */
export class RunComparison {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The runs that a study names. */
  async named(study: StoredStudy): Promise<Comparability[]> {
    const found: Comparability[] = [];
    for (const { dataset, run: id } of study.config?.datasets ?? []) {
      if (id === null) continue;
      const run = this.#parts.runs.get(id);
      found.push(
        run
          ? await this.compare(study, dataset, run)
          : refusal(dataset, id, null, 'The run that the study names is no longer here.'),
      );
    }
    return found;
  }

  /** One run for a dataset of a study, or why they cannot be compared. */
  async compare(study: StoredStudy, dataset: string, run: RunRecord): Promise<Comparability> {
    const { config } = study;
    if (!config) {
      const reason = 'The study has no configuration to compare the run with.';
      return refusal(dataset, run.id, run.name, reason);
    }
    const refused = whyNot(this.#parts, study, config, dataset, run);
    return refused === null
      ? comparable(this.#parts.roar, config, run, engineNote(this.#parts, study, run))
      : refusal(dataset, run.id, run.name, refused);
  }
}

/** The difference between the run's maps and those that were rated; null: there is none. */
function whyNot(
  { datasets, methods: known, models, roar, runs, studies }: Parts,
  study: StoredStudy,
  config: StudyConfig,
  dataset: string,
  run: RunRecord,
): string | null {
  const { settings, name } = run;
  if (run.state !== 'done') return `${name} is ${run.state}: let it finish first.`;
  if (settings.dataset !== dataset) {
    return `${name} ran on ${datasets.facts(settings.dataset).name}, not on this dataset.`;
  }
  if (roar.metricOf(run).descriptor.observation !== 'image') {
    const others = roar.metrics.list.filter(({ observation }) => observation === 'image');
    const ids = others.map(({ id }) => id).join(' or ');
    return `${name} is of the protocol ${settings.protocol}, which scores no single images: choose a run of the protocol ${ids}.`;
  }
  if (!roar.scores(run)) return `${name} has no scores.`;
  const rated = studies.datasets(study.id).find((entry) => entry.dataset === dataset);
  if (!rated) return 'The maps of the study are not made yet.';
  const base = runs.levels(run.id).find(({ level }) => level === 0)?.model ?? null;
  const model = base === null ? undefined : models.get(base);
  const chosen = config.datasets.find((entry) => entry.dataset === dataset);
  // Without its weights a model is known by its id alone, which is never given to another one.
  const same = model?.sha256
    ? model.sha256 === rated.modelSha256
    : model !== undefined && model.id === chosen?.model;
  if (!same) {
    return `${name} explains another model: its t = 0 weights are not those whose maps were rated.`;
  }
  const methods = new Map(known.list().map((method) => [method.id, method]));
  const compositions = new Map(
    studies
      .maps(study.id)
      .filter((map) => map.dataset === dataset)
      .map(({ method, composition }) => [method, composition]),
  );
  for (const id of config.methods) {
    if (!settings.methods.includes(id)) continue;
    const method = methods.get(id);
    const difference =
      method && mapDifference(known.operators, method, compositions.get(id), config, settings);
    if (difference) return `${name} differs in ${method.name}: ${difference}.`;
  }
  return null;
}

function mapDifference(
  operators: OperatorCatalogue,
  { composition }: Method,
  rated: string | undefined,
  config: StudyConfig,
  settings: RunRecord['settings'],
): string | null {
  if (rated !== undefined && rated !== composition) {
    return `the run composes it as ${composition}, what was rated is ${rated}`;
  }
  const tree = parseComposition(composition);
  const here = operators.relevant(tree, config.parameters);
  const there = operators.relevant(tree, settings.parameters);
  const names = new Set([...Object.keys(here), ...Object.keys(there)]);
  for (const name of names) {
    const [mine, theirs] = [valueOf(here, name), valueOf(there, name)];
    if (mine !== theirs) return `${name} is ${theirs} in the run and ${mine} in the study`;
  }
  if (operators.drawn(tree) && config.mapSeed !== settings.seed) {
    return `its seed is ${settings.seed} in the run and ${config.mapSeed} in the study`;
  }
  return null;
}

function valueOf(parameters: object, name: string): string {
  const found = Object.entries(parameters).find(([key]) => key === name);
  return found ? canonicalJson(found[1]).replaceAll('"', '') : 'not set';
}

async function comparable(
  roar: RoarResults,
  config: StudyConfig,
  run: RunRecord,
  engine: string | null,
): Promise<Comparability> {
  const { dataset, reduction } = run.settings;
  const { better, result: kind } = roar.metricOf(run).descriptor;
  const result = await roar.result(run.id);
  const scores = roar.scores(run);
  if (!scores) return refusal(dataset, run.id, run.name, `${run.name} has no scores.`);
  const all = kind === 'curve' ? imageAreas(scores) : Float64Array.from(scores.scores);
  const images = all.length / scores.methods.length;
  const rowOf = (id: string) => {
    const row = scores.methods.findIndex((method) => method.id === id);
    return all.slice(row * images, (row + 1) * images);
  };
  // The random map's advantage is 0 by definition: no point of a comparison.
  const shared = scores.methods
    .map(({ id }) => id)
    .filter((id) => id !== randomMethodId && config.methods.includes(id));
  const other =
    reduction === config.reduction
      ? null
      : `${run.name} removed pixels by the ${reduction} reduction, while raters saw the ${config.reduction} one.`;
  const few = result.notes.map((note) => `${run.name}: ${note}`);
  const notes = [other, engine, ...few].filter((note) => note !== null);
  const areas = new Float64Array(shared.length * images);
  shared.forEach((id, row) => areas.set(rowOf(id), row * images));
  return {
    compared: {
      dataset,
      run: run.id,
      name: run.name,
      refused: null,
      points: summariesOf(result)
        .filter(({ method }) => shared.includes(method.id))
        .map(({ method, advantage, advantageLow, advantageHigh, rank }) => ({
          method: method.id,
          advantage,
          low: advantageLow,
          high: advantageHigh,
          rank,
        })),
    },
    areas: {
      dataset,
      areas: { methods: shared, areas, random: rowOf(randomMethodId), better },
      reason: null,
    },
    note: notes.length > 0 ? notes.join(' ') : null,
  };
}

/** Engines that differ make maps that differ in the last digits: no reason to refuse, but to say. */
function engineNote(
  parts: Pick<Parts, 'runs' | 'studies'>,
  study: StoredStudy,
  { id, name, settings }: RunRecord,
) {
  const { dataset, parameters, recipe } = settings;
  const { score } = parameters;
  const rated = parts.studies.datasets(study.id).find((entry) => entry.dataset === dataset);
  const [before, here] = [storedEngineKey(rated?.engineKey), parts.runs.engine(id)];
  if (!before || !here) return null;
  if (isSameEngine(before, engineKey(here), recipe.architecture, { score })) return null;
  return `The maps of ${name} were made with another device, other threads or another version of the engine than those that were rated, and may differ from them in the last digits.`;
}

function refusal(
  dataset: string,
  run: string,
  name: string | null,
  refused: string,
): Comparability {
  return {
    compared: { dataset, run, name, refused, points: [] },
    areas: { dataset, areas: null, reason: refused },
    note: null,
  };
}
