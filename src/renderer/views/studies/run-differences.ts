import { parseComposition } from '../../../shared/catalogue/compositions';
import { type Method } from '../../../shared/catalogue/methods';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type StudyConfig } from '../../../shared/ratings/study';
import { type ModelRecord, type RunRecord, type RunResult } from '../../../shared/records';

/** Whether a run's maps explain this model: the same one, or one with the same weights. */
export function explains(
  result: Pick<RunResult, 'levels'>,
  model: ModelRecord,
  byId: (id: string) => ModelRecord | null,
): boolean {
  const base = result.levels.find(({ level }) => level === 0)?.model ?? null;
  if (base === null) return false;
  if (base === model.id) return true;
  return model.sha256 !== null && byId(base)?.sha256 === model.sha256;
}

const sameMaps = (
  operators: OperatorCatalogue,
  composition: string,
  config: StudyConfig,
  run: RunRecord,
): boolean => {
  const tree = parseComposition(composition);
  const values = (of: StudyConfig['parameters']) => JSON.stringify(operators.relevant(tree, of));
  if (values(config.parameters) !== values(run.settings.parameters)) return false;
  return !operators.drawn(tree) || config.mapSeed === run.settings.seed;
};

/** Methods of the study whose maps the run made in another way, and those that it did not make. */
export function runDifferences(
  operators: OperatorCatalogue,
  config: StudyConfig,
  run: RunRecord,
  methodOf: (id: string) => Method | null,
): { otherwise: string[]; missing: string[] } {
  const found: { otherwise: string[]; missing: string[] } = { otherwise: [], missing: [] };
  for (const id of config.methods) {
    const method = methodOf(id);
    if (!method) continue;
    if (!run.settings.methods.includes(id)) found.missing.push(method.name);
    else if (!sameMaps(operators, method.composition, config, run))
      found.otherwise.push(method.name);
  }
  return found;
}
