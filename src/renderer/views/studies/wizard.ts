import { type ErrorData } from '../../../shared/errors';
import { tableOfQuestion } from '../../../shared/ratings/questions';
import {
  type StudyConfig,
  studyConfigSchema,
  studyNameSchema,
} from '../../../shared/ratings/study';

/** The steps of making a study, in their order. */
export const wizardSteps = [
  { id: 'data', title: 'Data' },
  { id: 'methods', title: 'Methods and display' },
  { id: 'texts', title: 'Questions and texts' },
  { id: 'design', title: 'Design' },
  { id: 'review', title: 'Review' },
] as const;
export type WizardStep = (typeof wizardSteps)[number]['id'];

export function readStep(value: unknown): WizardStep {
  return wizardSteps.find(({ id }) => id === value)?.id ?? 'data';
}

/** Fields in which several values are typed, or chosen, as one. */
const wholeField =
  /^(datasets\.\d+\.images\.indices|methods|background\.\d+\.options|questions\.\d+\.labels)(\.|$)/;

const keyOf = (path: string): string => wholeField.exec(path)?.[1] ?? path;

/** Refusals of a configuration (and of its name) by dotted path; an empty object: all accepted. */
export function studyErrors(config: StudyConfig, name: string): Record<string, string> {
  const errors: Record<string, string> = {};
  const named = studyNameSchema.safeParse(name);
  if (!named.success) errors['name'] = named.error.issues[0]?.message ?? 'a name';
  const parsed = studyConfigSchema.safeParse(config);
  for (const issue of parsed.error?.issues ?? []) {
    errors[keyOf(issue.path.map(String).join('.'))] ??= issue.message;
  }
  return errors;
}

/** Core's refusal as one of the form's: the field's path and what is accepted there. */
export function refusedStudyField(error: ErrorData): { path: string; accepted: string } | null {
  const field = error.field ?? '';
  const accepted = error.accepted ?? error.message;
  if (/(^|\.)name$/.test(field)) return { path: 'name', accepted };
  const path = /(?:^|\.)config\.(.+)$/.exec(field)?.[1];
  return path === undefined ? null : { path: keyOf(path), accepted };
}

/** The step in which a field stands. */
export function stepOf(path: string): WizardStep {
  const [first = ''] = path.split('.');
  if (first === 'name' || first === 'datasets') return 'data';
  if (['methods', 'parameters', 'mapSeed', 'display', 'reduction'].includes(first)) {
    return 'methods';
  }
  return first === 'design' ? 'design' : 'texts';
}

/** 'Age group?' -> 'age-group', told apart from the ids in use. */
export function freshId(text: string, taken: readonly string[]): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const stem =
    words
      .join('-')
      .replace(/^[^a-z]+/, '')
      .slice(0, 32)
      .replace(/-$/, '') || 'question';
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? stem : `${stem}-${n}`;
    if (!taken.includes(id)) return id;
  }
}

/** Whether an id of a question stays as it is: one of the paper's, or of those to be kept. */
export const fixedId = (id: string, kept: readonly string[]): boolean =>
  tableOfQuestion(id) !== null || kept.includes(id);
