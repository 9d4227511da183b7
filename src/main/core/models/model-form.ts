import { datasetEntry, type DatasetId } from '../../../shared/catalogue/datasets';
import { type Recipe } from '../../../shared/catalogue/training';
import { type EngineInput } from '../../../shared/engine';

export type MeasuredModel = EngineInput<'measure-rates'>;

/**
 * The network that a dataset's models are: what its speed depends on. The stem is the recipe's,
 * torchvision's where there is no recipe.
 */
export function networkOf(
  dataset: DatasetId,
  classes: number,
  recipe: Pick<Recipe, 'stem'> | null,
): MeasuredModel {
  const { architecture, shape } = datasetEntry(dataset);
  const stem = architecture === 'resnet18' ? (recipe?.stem ?? 'imagenet') : 'imagenet';
  return { architecture, form: { inputShape: [...shape], classes, stem } };
}
