import { type ArtifactStore } from '../artifacts/artifact-store';
import { type Plan, specId } from './item-spec';
import { isKnown } from './run-plan';

/** Items of a plan, as 'stage item', that would not have to be computed. */
export async function knownItems(artifacts: ArtifactStore, plan: Plan): Promise<Set<string>> {
  const known = new Set<string>();
  for (const spec of plan.specs) {
    for (const step of (await plan.complete(spec)) ?? []) {
      if (await isKnown(artifacts, step)) known.add(specId(spec.stage, step.item));
    }
  }
  return known;
}

/**
 * Bytes that the rest of a plan adds to the disk at its fullest, on an executor that does one spec
 * after the other.
 *
 * @param known items, as 'stage item', that add nothing
 */
export function bytesOf({ specs }: Pick<Plan, 'specs'>, known: ReadonlySet<string>): number {
  let [kept, passing] = [0, 0];
  for (const spec of specs) {
    const open = spec.items.filter(({ id }) => !known.has(specId(spec.stage, id)));
    if (open.length === 0) continue;
    kept += open.reduce((sum, { bytes }) => sum + bytes, 0);
    passing = Math.max(passing, spec.passing);
  }
  return kept + passing;
}
