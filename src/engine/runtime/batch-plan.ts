import { type BatchPlan } from '../../shared/catalogue/network';
import { refuse } from '../../shared/errors';

/** The environment's name of the sizes that were measured best on a machine. */
export const planVariable = 'SALIENCY_STUDIO_BATCH_PLAN';
const largest = 1024;

/**
 * The standard plan, by network, with what a text such as
 * `NETWORK/gradient=75,NETWORK/forward=100` puts in its place: sizes from 1 to 1024, of gradients and
 * scores. Training is the exception: its batches are what the recipe says, for a padded batch would
 * change the gradient's mean.
 *
 * @throws StudioError `invalid-input` naming the part that is not so
 */
export function parsePlan(
  text: string,
  standard: ReadonlyMap<string, BatchPlan>,
): Map<string, BatchPlan> {
  const result = new Map(standard);
  for (const part of text.split(',')) {
    const [name = '', size = ''] = part.split('=').map((word) => word.trim());
    const [network = '', purpose] = name.split('/');
    const known = result.get(network);
    const batch = /^\d+$/.test(size) ? Number(size) : 0;
    if (!known || (purpose !== 'gradient' && purpose !== 'forward') || !inRange(batch)) {
      const ids = [...standard.keys()];
      const accepted = `parts such as ${ids[0]}/gradient=75, of ${ids.join(' or ')}, gradient or forward, from 1 to ${largest}, with commas between`;
      throw refuse(planVariable, part, accepted);
    }
    result.set(network, { ...known, [purpose]: batch });
  }
  return result;
}

const inRange = (batch: number): boolean => batch >= 1 && batch <= largest;
