import { reasonOf, StudioError } from '../../shared/errors';
import { fileError } from '../../shared/system-error';

/**
 * Refuse a file of a distribution, by its name.
 *
 * @param file the archive's name, or a path within it
 * @param why a clause that goes on from "is refused:"
 */
export function refusal(file: string, why: string, cause?: unknown): StudioError {
  return new StudioError(
    { code: 'corrupt-file', message: `${file} is refused: ${why}.`, details: { file } },
    cause,
  );
}

/** Why a file was refused, without its name and the full stop. */
export function whyRefused({ message }: StudioError, file: string): string {
  const start = `${file} is refused: `;
  return (message.startsWith(start) ? message.slice(start.length) : message).replace(/\.$/, '');
}

/** Run `work`; what is not a StudioError yet becomes a refusal of the file with the same reason. */
export async function refusing<T>(
  file: string,
  prefix: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StudioError || isOwnMachine(error)) throw error;
    throw refusal(file, `${prefix} (${reasonOf(error)})`, error);
  }
}

/** The same of what comes piece by piece. */
export async function* refusingPieces(
  file: string,
  prefix: string,
  open: () => Promise<AsyncIterable<unknown>>,
): AsyncGenerator<Uint8Array> {
  const pieces = (await refusing(file, prefix, open))[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await refusing(file, prefix, () => pieces.next());
      if (next.done === true) return;
      if (!(next.value instanceof Uint8Array)) throw new TypeError('expected bytes');
      yield next.value;
    }
  } finally {
    await pieces.return?.();
  }
}

/** A full disk, or too many open files: the file that is read is not at fault. */
const isOwnMachine = (error: unknown): boolean =>
  ['disk-full', 'busy'].includes(fileError(error)?.code ?? '');

/** Something that is not this dataset, or not in a form that can be imported. */
export function unusableFile(
  file: string,
  what: string,
  accepted: string,
  field = 'path',
): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `${file} is ${what}; accepted: ${accepted}.`,
    field,
    value: JSON.stringify(file),
    accepted,
    details: { file },
  });
}
