import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type Recipe } from '../../../shared/catalogue/training';
import { type EngineInput } from '../../../shared/engine';
import { type Looked, shapeSeen } from '../../../shared/model-input';
import { type StoredModel } from './models-repository';

export type MeasuredModel = EngineInput<'measure-rates'>;

/** A network and its options; those that are left out are its defaults. */
export type NetworkChoice = Pick<Recipe, 'architecture' | 'options'>;

/** The network as it is for what is seen of a dataset's images: what its speed depends on. */
export function networkOf(
  { shape, classes }: Pick<DatasetFacts, 'shape' | 'classes'>,
  { architecture, options, ...looked }: NetworkChoice & Looked,
): MeasuredModel {
  return { architecture, form: { inputShape: shapeSeen(shape, looked), classes, options } };
}

/** The network of a model, for what it sees of its dataset's images. */
export function networkOfModel(
  { shape, classes }: Pick<DatasetFacts, 'shape' | 'classes'>,
  model: Pick<StoredModel, 'architecture' | 'classes' | 'input' | 'recipe'>,
): MeasuredModel {
  const seen = shapeSeen(shape, model.input);
  return networkOf({ shape: seen, classes: model.classes?.count ?? classes }, networkChoice(model));
}

/** The options of an imported network are known to its weights alone. */
export function networkChoice({
  architecture,
  recipe,
}: Pick<StoredModel, 'architecture' | 'recipe'>): NetworkChoice {
  return { architecture, options: recipe?.options ?? {} };
}
