import { cifar10Importer } from './cifar10';
import { fashionMnistImporter } from './fashion-mnist';
import { type Importer } from './importer';
import { tinyImagenetImporter } from './tiny-imagenet';

/** Those that Saliency Studio comes with: one file and one line each. */
export const builtInImporters: readonly Importer[] = [
  cifar10Importer,
  tinyImagenetImporter,
  fashionMnistImporter,
];
