import { z } from 'zod';

export const manifestName = 'manifest.json';

/** What a folder of ours says of itself, of whatever kind its result is. */
export interface OutputManifest {
  /** What it is a manifest of: 'saliency-studio/…'. */
  readonly format: string;
  /** Tells one result from another. */
  readonly id: string;
  /** For people: 'the ROAR run "MNIST, 10 images" (run_…)'. */
  readonly title: string;
  /** Every file beside the manifest, by its path from the folder, `/` between folders. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

/** What a manifest says of the result that its folder belongs to. */
export interface OutputResult {
  readonly kind: keyof typeof words;
  readonly id: string;
  readonly name: string;
}

const words = {
  roar: 'the ROAR run',
  maps: 'the maps',
  model: 'the model',
  experiment: 'the experiment',
  study: 'the study',
} as const;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const resultSchema = z.object({ id: z.string().min(1), name: z.string() });

const listedSchema = z.array(
  z.object({ name: z.string().optional(), path: z.string().optional(), sha256 }),
);

/** Of all manifests that were ever written: files are `files` or `outputs`, by `name` or `path`. */
const schema = z.object({
  format: z.string().startsWith('saliency-studio/'),
  result: resultSchema.extend({ kind: z.string() }).optional(),
  run: resultSchema.optional(),
  study: resultSchema.optional(),
  files: listedSchema.optional(),
  outputs: listedSchema.optional(),
});

/**
 * Null for what is no manifest of ours, or lists a path that leads out of its folder: nothing that
 * such a file says is acted on.
 */
export function parseManifest(text: string): OutputManifest | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return null;
  const { format, result, run, study, files, outputs } = parsed.data;
  const listed: { name: string; sha256: string }[] = [];
  for (const { path, name = path, sha256: hash } of files ?? outputs ?? []) {
    if (name === undefined || !isPlainPath(name)) return null;
    listed.push({ name, sha256: hash });
  }
  const its = result ?? (run && { ...run, kind: 'roar' }) ?? (study && { ...study, kind: 'study' });
  if (!its)
    return { format, id: 'unknown', title: 'a result of an earlier version', files: listed };
  return { format, id: its.id, title: titleOf(its.kind, its.name, its.id), files: listed };
}

function titleOf(kind: string, name: string, id: string): string {
  return `${new Map<string, string>(Object.entries(words)).get(kind) ?? 'the result'} “${name}” (${id})`;
}

/** Steps into folders and a file's name, the only paths that we write. */
export function isPlainPath(path: string): boolean {
  return path.split('/').every((step) => step !== '' && !/^\.{1,2}$|[\\:\0]/.test(step));
}
