import { type SettingsOf, suggestedNetwork } from '../../../shared/catalogue/suggestions';
import { type ModelRecord } from '../../../shared/records';
import { changedFromDefault, isRecipeDetail } from '../../components/recipe-form';
import { counted, formatCount } from '../../format';
import { type PaperAccuracy } from './paper-accuracy';

/** Models trained alike at different removal levels: what one ROAR run retrains. */
export interface LevelSeries {
  readonly id: string;
  readonly dataset: string;
  /** The network of all of them. */
  readonly architecture: string;
  readonly label: string;
  /** The newest model of each level. */
  readonly byLevel: ReadonlyMap<number, ModelRecord>;
  readonly newest: string;
}

export interface LevelRow {
  readonly level: number;
  readonly model: ModelRecord | null;
  readonly paper: PaperAccuracy | undefined;
}

/** What settings on a dataset are made from; null where it is not listed any more. */
type FindSettingsOf = (dataset: string) => SettingsOf | null;

function describe({ recipe, removal, dataset }: ModelRecord, settingsOf: FindSettingsOf): string {
  if (!recipe) return 'Imported weights';
  const of = settingsOf(dataset);
  const images =
    recipe.trainLimit === null ? 'all images' : `${formatCount(recipe.trainLimit)} images`;
  const mask = removal.mask === 'redrawn' ? ', redrawn masks' : '';
  const epochs = counted(recipe.epochs, 'epoch');
  // A recipe's many other fields are the details' matter: here they only tell series apart.
  const chosen = !of || recipe.architecture !== suggestedNetwork(of).id;
  const network = chosen ? `${recipe.architecture}, ` : '';
  const detailed = !chosen && Object.keys(changedFromDefault(recipe, of)).some(isRecipeDetail);
  const own = detailed ? ', own recipe' : '';
  return `${network}${epochs} on ${images}, ${removal.fill}${mask}${own}, seed ${recipe.seed}`;
}

/** Ready models grouped by everything but the level; most levels first, then newest. */
export function levelSeries(
  models: readonly ModelRecord[],
  settingsOf: FindSettingsOf,
): LevelSeries[] {
  const groups = new Map<string, ModelRecord[]>();
  for (const model of models) {
    if (model.state !== 'ready' || !model.recipe) continue;
    const { fill, mask } = model.removal;
    const id = JSON.stringify([model.dataset, model.recipe, fill, mask, model.removalSeed]);
    groups.set(id, [...(groups.get(id) ?? []), model]);
  }
  const series = [...groups].flatMap(([id, members]): LevelSeries | [] => {
    const oldestFirst = [...members].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    const newest = oldestFirst.at(-1);
    if (!newest) return [];
    return {
      id,
      dataset: newest.dataset,
      architecture: newest.architecture,
      label: describe(newest, settingsOf),
      byLevel: new Map(oldestFirst.map((model) => [model.removal.level, model])),
      newest: newest.createdAt,
    };
  });
  return series.sort((a, b) => b.byLevel.size - a.byLevel.size || b.newest.localeCompare(a.newest));
}

/** The paper's levels and the series' own, ascending. */
export function levelRows(series: LevelSeries | null, paper: readonly PaperAccuracy[]): LevelRow[] {
  const levels = new Set([...paper.map(({ level }) => level), ...(series?.byLevel.keys() ?? [])]);
  return [...levels]
    .sort((a, b) => a - b)
    .map((level) => ({
      level,
      model: series?.byLevel.get(level) ?? null,
      paper: paper.find((item) => item.level === level),
    }));
}
