import { knowsLabels, type ModelClasses, outputNames } from '../../../shared/model-classes';

/** What maps can explain, besides the predicted class. */
export interface Targets {
  /** Names of the classes that can be chosen by their number. */
  readonly classes: readonly string[];
  /** Whether the image's label is one of the classes. */
  readonly labelled: boolean;
}

/** A model, and the names of its dataset's classes. */
export interface ExplainedModel {
  readonly classes: ModelClasses | null;
  readonly labels: readonly string[];
}

/** What maps of some models can explain: of several, which tell classes of their own apart, none by its number. */
export function targetsOf(models: readonly ExplainedModel[]): Targets {
  const only = models.length === 1 ? models[0] : undefined;
  return {
    classes: only ? outputNames(only.classes, only.labels) : [],
    labelled: models.every(({ classes }) => knowsLabels(classes)),
  };
}
