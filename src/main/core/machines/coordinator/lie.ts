import { StudioError } from '../../../../shared/errors';

/** How a person goes on where a worker is not to be trusted. */
const remedy =
  'The run stops. Revoke the join of that worker (Settings, Machines), look at its machine, then resume the job: what is done is kept';

/** A worker sent what cannot be what was asked for. */
export function wrongResult(worker: string, file: string | null, why: string): StudioError {
  const subject = file === null ? 'a result' : file;
  return new StudioError({
    code: 'corrupt-file',
    message: `${worker} sent ${subject} that is not taken: ${why}. ${remedy}.`,
    details: file === null ? { worker } : { worker, file },
  });
}

/** Two engines of one class gave different results of the same work. */
export function twoResults(what: string, one: string, other: string, why: string): StudioError {
  return new StudioError({
    code: 'conflict',
    message: `${one} and ${other} gave different results of the same work (${what}): ${why}. One of them computes wrongly or lies. ${remedy}.`,
    details: { one, other },
  });
}
