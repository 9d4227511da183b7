import { readFileSync, statSync } from 'node:fs';
import { fileFailure, StudioError } from '../../../../shared/errors';
import { type JoinFile, joinFileSchema } from '../join-file';

/** The content of a file that is for its owner alone. */
export const joinFileSource = (join: JoinFile) => ({
  bytes: Buffer.from(`${JSON.stringify(join, null, 2)}\n`),
  mode: 0o600,
});

/**
 * @returns the join, and what a person should know of the file; null: nothing
 * @throws StudioError where it is missing or no join file of this version
 */
export function readJoinFile(path: string): { join: JoinFile; warning: string | null } {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, 'utf8');
    ({ mode } = statSync(path));
  } catch (error) {
    throw fileFailure(error, path);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new StudioError({
      code: 'invalid-input',
      message: `${path} is no join file: \`join create --out FILE\` writes one.`,
      field: '--join',
    });
  }
  const version: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'version') : undefined;
  if (typeof version === 'number' && version > 1) {
    throw new StudioError({
      code: 'invalid-input',
      message: `${path} was written by a newer version of Saliency Studio: use the same version on every machine.`,
      field: '--join',
    });
  }
  const parsed = joinFileSchema.safeParse(content);
  if (!parsed.success) {
    // Nothing of its content is repeated: it is secret.
    const [issue] = parsed.error.issues;
    const field = ['--join', ...(issue?.path ?? []).map(String)].join('.');
    throw new StudioError({
      code: 'invalid-input',
      message: `${path} is no join file of this version: ${field} is not as \`join create\` writes it. Bring the file anew, or make another.`,
      field,
    });
  }
  const join = parsed.data;
  // Windows has other rights than these.
  const open = process.platform !== 'win32' && (mode & 0o077) !== 0;
  const warning = `Others on this machine may read ${path}, which holds secrets: chmod 600 ${path}`;
  return { join, warning: open ? warning : null };
}
