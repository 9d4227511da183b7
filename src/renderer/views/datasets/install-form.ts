import {
  datasetSubsetSchema,
  type DatasetSubset,
  type KnownDataset,
} from '../../../shared/catalogue/datasets';
import { type ErrorData } from '../../../shared/errors';
import { type RouteInput } from '../../../shared/routes';
import { readClasses } from './dataset-words';

export type SourceKind = 'download' | 'package' | 'path' | 'upload';

/** What the form of an installation holds, as typed. */
export interface InstallForm {
  source: SourceKind;
  path: string;
  classes: string;
  perClass: number | null;
}

export const emptyForm = (known: KnownDataset | null): InstallForm => ({
  source: known?.sources[0]?.kind ?? 'path',
  path: '',
  classes: '',
  perClass: null,
});

export function subsetOf({ classes, perClass }: InstallForm): DatasetSubset {
  return { classes: readClasses(classes), perClass };
}

/** @param upload the archive that was sent, for the source `upload` */
export function installInput(
  dataset: string,
  form: InstallForm,
  upload = '',
): RouteInput<'datasets.install'> {
  const { source: kind } = form;
  const source =
    kind === 'path'
      ? { kind, path: form.path.trim() }
      : kind === 'upload'
        ? { kind, upload }
        : { kind };
  return { dataset, source, subset: subsetOf(form) };
}

export type InstallErrors = Partial<Record<'path' | 'classes' | 'perClass' | 'source', string>>;

/** What the form itself can refuse; an empty path is none yet, and is no refusal. */
export function installErrors(form: InstallForm): InstallErrors {
  const result = datasetSubsetSchema.safeParse(subsetOf(form));
  const errors: InstallErrors = {};
  for (const { path, message } of result.error?.issues ?? []) {
    if (path[0] === 'classes' || path[0] === 'perClass') errors[path[0]] ??= message;
  }
  return errors;
}

/** Core's refusal beside the field that it names. */
export function refusedPart(error: ErrorData): keyof InstallErrors | null {
  const path = error.field?.replace(/^datasets\.install\./, '') ?? '';
  if (/^source\.path\b|^path\b/.test(path)) return 'path';
  if (/^(subset\.)?classes\b/.test(path)) return 'classes';
  if (/^(subset\.)?perClass\b/.test(path)) return 'perClass';
  return /^source\b/.test(path) ? 'source' : null;
}
