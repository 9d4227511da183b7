import { type ErrorData } from '../../shared/errors';
import { type Status } from '../../shared/records';

/** Why there is no engine and what brings it back, as an error to show; null where there is one. */
export function engineProblem(engine: Status['engine'] | null): ErrorData | null {
  if (engine?.state !== 'unavailable') return null;
  const reason = engine.reason ?? 'TensorFlow could not be loaded.';
  const sentence = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  const remedy = engine.remedy === null ? '' : ` To mend it: ${engine.remedy.replace(/\.$/, '')}.`;
  return { code: 'engine-unavailable', message: `${sentence}${remedy}` };
}
